import type http from 'node:http';
import type https from 'node:https';
import { laneHttp } from '@laneway/node-http';
import type { Caller, Setup } from '../client.js';

/** Node's http or https, with callbacks. @param module the namespace of `import * as` */
export function openHttp(module: typeof http | typeof https): (setup: Setup) => Caller {
  return ({ wrap, lookup, ca }) => {
    const agent = new module.Agent({
      keepAlive: true,
      maxSockets: 1,
      lookup,
      ...(ca === undefined ? {} : { ca }),
    });
    const client = wrap(module, laneHttp);
    return {
      send({ url, signal, timeout, onResponse }, done) {
        const options = { agent, signal, timeout };
        const request = client.get(url, options as http.RequestOptions, (response) => {
          onResponse?.();
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          const { statusCode: status = 0, headers } = response;
          response.on('end', () => done(undefined, { status, location: headers.location, text }));
          response.on('error', done);
        });
        request.on('timeout', () => request.destroy(new Error('timeout')));
        request.on('error', done);
      },
      close: () => agent.destroy(),
    };
  };
}
