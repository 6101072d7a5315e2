import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { close, listen } from './loopback.js';

/** One TCP connection that many requests share, like the connection of a session store or of a database pool with one connection. */
export interface SharedConnection {
  /**
   * Sends a query and calls back when the answer arrives, in the context in which the connection was opened, not the caller's.
   */
  query(callback: () => void): void;
  close(): Promise<void>;
}

/**
 * Opens a connection to a loopback server that answers each query. Call it in a lane that no request uses.
 *
 * @example
 * const shared = await lanes.run(BASELINE.set('version', 'opener'), openSharedConnection);
 * app.use((request, response, next) => shared.query(next));
 */
export async function openSharedConnection(): Promise<SharedConnection> {
  const server: Server = createServer((socket) => void socket.pipe(socket));
  const socket: Socket = connect(await listen(server), '127.0.0.1');
  await once(socket, 'connect');
  const waiting: (() => void)[] = [];
  socket.on('data', (answers) => {
    for (let i = 0; i < answers.length; i++) waiting.shift()?.();
  });
  return {
    query(callback) {
      waiting.push(callback);
      socket.write('q');
    },
    async close() {
      socket.destroy();
      await close(server);
    },
  };
}
