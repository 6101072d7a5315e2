import type { Server } from 'node:http';
import { createConnection, createServer } from 'node:net';
import { MeshError } from './errors.js';

/** The only address the mesh listens on and calls. */
export const LOOPBACK = '127.0.0.1';

// Below the ephemeral ports of Linux (from 32768) and macOS (from 49152): the system does not assign such a port to another
// program between this check and the workload's listen.
const FIRST_PORT = 20_000;
const PORT_COUNT = 12_000;

/** Finds a free port for a workload that is not in `taken`. */
export async function findFreePort(taken: ReadonlySet<number>): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORT_COUNT);
    // eslint-disable-next-line no-await-in-loop -- one candidate after the other; the first is almost always free
    if (!taken.has(port) && (await canListen(port))) return port;
  }
  throw new MeshError(
    'MESH_LISTEN_FAILED',
    `Found no free port from ${FIRST_PORT} to ${FIRST_PORT + PORT_COUNT - 1} in 100 attempts. Stop some of the programs that listen there.`,
  );
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: LOOPBACK }, () => server.close(() => resolve(true)));
  });
}

/** Returns whether a server accepts connections on this port. */
export function acceptsConnection(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: LOOPBACK });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Listens on a port and returns it; 0 picks a free port. `entry` names where the port is configured, for errors. */
export async function listen(server: Server, port: number, entry: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, entry)));
    server.listen({ port, host: LOOPBACK }, resolve);
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

function listenError(error: NodeJS.ErrnoException, port: number, entry: string): MeshError {
  if (error.code === 'EADDRINUSE') {
    return new MeshError(
      'MESH_PORT_IN_USE',
      `Port ${port}, from ${entry}, is in use. Stop the program that listens on it, or use another port there; 0 picks a free port.`,
      { cause: error },
    );
  }
  return new MeshError(
    'MESH_LISTEN_FAILED',
    `Cannot listen on port ${port}, from ${entry}: ${error.message}. Use another port there; 0 picks a free port.`,
    { cause: error },
  );
}
