import http from 'node:http';
import { laneSuperagent } from '@laneway/superagent';
import superagent from 'superagent';
import { type Client, promised } from '../client.js';

/** superagent, which follows redirects and retries. */
export const load: Client['load'] = () =>
  Promise.resolve(({ wrap, lookup }) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1, lookup });
    const client = wrap(superagent, laneSuperagent);
    return {
      send: promised(async ({ url, signal, timeout, onResponse }) => {
        const call = client.get(url).agent(agent).redirects(4).retry(2);
        if (timeout !== undefined) void call.timeout(timeout);
        // superagent calls the parser when the response headers have arrived.
        void call.buffer(true).parse((response, done) => {
          onResponse?.();
          let text = '';
          response.on('data', (chunk: Buffer) => (text += String(chunk)));
          response.on('end', () => done(null, text));
        });
        const answer = call.then(({ status, body }) => ({
          status,
          location: undefined,
          text: body as string,
        }));
        if (signal?.aborted) void call.abort();
        signal?.addEventListener('abort', () => void call.abort());
        return answer;
      }),
      close: () => agent.destroy(),
    };
  });
