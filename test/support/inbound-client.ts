import type { InboundServer } from '@laneway/testing';
import { Agent, request } from 'undici';

/**
 * Returns a client for the inbound contract: it sends text to `url` over one connection. `close` closes the connection, then the server.
 * @param closeServer stops the server under test
 */
export function inboundClient(url: string, closeServer: () => PromiseLike<unknown>): InboundServer {
  const dispatcher = new Agent({ connections: 1 });
  return {
    async send(headers, body = '', query = '') {
      const answer = await request(url, {
        query: Object.fromEntries(new URLSearchParams(query)),
        method: 'POST',
        headers: { 'content-type': 'text/plain', ...headers },
        body,
        dispatcher,
      });
      return { ok: answer.statusCode === 200, body: await answer.body.text() };
    },
    async close() {
      await dispatcher.close();
      await closeServer();
    },
  };
}
