import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { createProxyServer } from 'httpxy';
import { LOOPBACK } from './ports.js';
import { refuse, refuseUpgrade } from './refusal.js';
import type { Workload } from './workload.js';

/** The way to one workload, with its kept-alive connections. */
export interface Upstream {
  /** Proxies a request, streaming both ways. */
  web(request: IncomingMessage, response: ServerResponse): void;
  /** Proxies a WebSocket handshake and then the connection. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  close(): void;
}

// Node closes an idle connection after 5 s. Leaving earlier avoids sending a request into a connection that just closes.
const IDLE_MS = 4000;

/** Opens the way to a workload. Failures are answered with 502 and told to `onFailure`. */
export function openUpstream(workload: Workload, onFailure: (text: string) => void): Upstream {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const target = { protocol: 'http:', host: LOOPBACK, port: workload.port };
  const proxy = createProxyServer({ target });

  const explain = (error: Error): string =>
    `${workload.service} ${workload.version} did not answer: ${workload.failure ?? error.message}. See its output in the mesh's terminal.`;

  // httpxy reports an upgrade's failure here just before it ends the socket: the last moment to answer.
  proxy.on('error', (error, request, response) => {
    if (request === undefined || response === undefined || response.destroyed) return;
    const text = explain(error);
    onFailure(text);
    if ('writeHead' in response) refuse(response, 502, text);
    else refuseUpgrade(request, response, 502, text);
  });

  // httpxy joins the two sockets with pipes, which do not pass on a side that is destroyed.
  proxy.on('proxyReqWs', (proxied, _request, socket) => {
    const abort = (): void => void proxied.destroy();
    socket.once('close', abort);
    proxied.once('upgrade', (_response, peer) => {
      if (!(peer instanceof Socket)) return;
      socket.off('close', abort);
      socket.once('close', () => peer.destroySoon());
      peer.once('close', () => socket.destroySoon());
    });
  });

  return {
    web(request, response) {
      // It rejects for what the listener above has answered.
      proxy.web(request, response, { agent }).catch(() => {});
    },
    upgrade(request, socket, head) {
      proxy.ws(request, socket, {}, head).catch(() => {});
    },
    close() {
      agent.destroy();
    },
  };
}
