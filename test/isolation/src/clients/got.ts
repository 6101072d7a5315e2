import http from 'node:http';
import { laneGot } from '@laneway/got';
import type { Got } from 'got';
import { type Caller, promised, type Setup } from '../client.js';

const OPTIONS = {
  throwHttpErrors: false,
  retry: {
    limit: 2,
    calculateDelay: ({ computedValue }: { computedValue: number }) => Math.min(computedValue, 1),
  },
};

/** got, of any major version; it follows redirects and retries. */
export function openGot(got: Got): (setup: Setup) => Caller {
  return ({ wrap, lookup }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1, lookup });
    const client = wrap(got, laneGot).extend({ ...OPTIONS, agent: { http: agent } });
    return { send: sendBy(client), close: () => agent.destroy() };
  };
}

/** got over HTTP/2, with sessions that callers share. */
export function openHttp2Got(got: Got): (setup: Setup) => Caller {
  return ({ wrap, lookup, ca }) => {
    const client = wrap(got, laneGot).extend({
      ...OPTIONS,
      // got retries errors of the connection only; a stream that the server ends is not one.
      retry: { ...OPTIONS.retry, errorCodes: ['ECONNRESET', 'ERR_HTTP2_STREAM_ERROR'] },
      http2: true,
      dnsLookup: lookup as never,
      https: ca === undefined ? {} : { certificateAuthority: ca },
    });
    return { send: sendBy(client), close: () => {} };
  };
}

function sendBy(client: Got): Caller['send'] {
  return promised(async ({ url, signal, timeout, onResponse }) => {
    const call = client.get(url, {
      ...(signal === undefined ? {} : { signal }),
      ...(timeout === undefined ? {} : { timeout: { request: timeout } }),
    });
    if (onResponse !== undefined) void call.on('downloadProgress', onResponse);
    const { statusCode, headers, body } = await call;
    return { status: statusCode, location: headers.location, text: body };
  });
}
