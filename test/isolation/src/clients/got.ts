import http from 'node:http';
import { laneGot } from '@laneway/got';
import type { Got } from 'got';
import { type Caller, promised, type Setup } from '../client.js';

/** got, of either major version; it follows redirects and retries. */
export function openGot(got: Got): (setup: Setup) => Caller {
  return ({ wrap, lookup }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1, lookup });
    const client = wrap(got, laneGot).extend({
      agent: { http: agent },
      throwHttpErrors: false,
      retry: { limit: 2, calculateDelay: ({ computedValue }) => Math.min(computedValue, 1) },
    });
    return {
      send: promised(async ({ url, signal, timeout, onResponse }) => {
        const call = client.get(url, {
          ...(signal === undefined ? {} : { signal }),
          ...(timeout === undefined ? {} : { timeout: { request: timeout } }),
        });
        if (onResponse !== undefined) void call.on('downloadProgress', onResponse);
        const { statusCode, headers, body } = await call;
        return { status: statusCode, location: headers.location, text: body };
      }),
      close: () => agent.destroy(),
    };
  };
}
