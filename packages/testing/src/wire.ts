import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

/** One keep-alive connection that sends requests one after the other. */
export interface Wire {
  /** Sends one request and its body piece by piece, each after the previous one is written. Resolves with the body of the answer. */
  send(
    headers: Record<string, string>,
    pieces?: readonly (string | Buffer)[],
    path?: string,
  ): Promise<string>;
  close(): void;
}

/**
 * Opens one keep-alive connection to a loopback server.
 *
 * @example
 * const wire = openWire(port);
 * const body = await wire.send({ version: 'v2' }, ['a body ', 'in pieces']);
 */
export function openWire(port: number): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async send(headers, pieces, path = '/') {
      const call = request({
        host: '127.0.0.1',
        port,
        path,
        agent,
        method: pieces === undefined ? 'GET' : 'POST',
        headers: pieces === undefined ? headers : { 'content-type': 'text/plain', ...headers },
      });
      const answered = once(call, 'response');
      for (const piece of pieces ?? []) {
        await new Promise<void>((done, fail) =>
          call.write(piece, (error) => (error == null ? setImmediate(done) : fail(error))),
        );
      }
      call.end();
      const [answer] = (await answered) as [NodeJS.ReadableStream];
      return text(answer);
    },
    close: () => agent.destroy(),
  };
}

/** Sends a raw message and returns everything that the server sends until it closes the connection. */
export async function sendRaw(port: number, message: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(message);
  return text(socket);
}
