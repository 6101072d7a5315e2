import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { close, listen } from '@laneway/testing';
import { afterAll, beforeAll } from 'vitest';

/** An http proxy that opens tunnels, for the tests of one file. */
export interface TunnelProxy {
  readonly server: Server;
  /** It exists only while tests run. */
  readonly port: number;
}

/** Starts a proxy before the tests of a file, and stops it after them. It opens each tunnel to loopback, whatever name is asked for. */
export function useTunnelProxy(): TunnelProxy {
  const proxy = { server: createServer(), port: 0 };
  const sockets: { destroy(): void }[] = [];
  proxy.server.on('connect', ({ url }, socket) => {
    const upstream = connect(Number(url?.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
    sockets.push(socket);
  });
  beforeAll(async () => {
    proxy.port = await listen(proxy.server);
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    return close(proxy.server);
  });
  return proxy;
}
