import { Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { createProxyServer } from 'httpxy';
import { LOOPBACK } from './ports.js';
import { refuse, refuseUpgrade } from './refusal.js';
import type { Workload } from './workload.js';

/** A proxy to one workload, with its keep-alive connections. */
export interface Upstream {
  /** Proxies a request; bodies stream in both directions. */
  web(request: IncomingMessage, response: ServerResponse): void;
  /** Proxies a WebSocket handshake and then the connection. */
  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void;
  close(): void;
}

// Node closes an idle connection after 5 s. Close it earlier, so that no request is sent on a connection that is closing.
const IDLE_MS = 4000;

/** Creates the proxy to a workload. It answers failures with 502 and reports them to `onFailure`. */
export function openUpstream(workload: Workload, onFailure: (text: string) => void): Upstream {
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  const target = { protocol: 'http:', host: LOOPBACK, port: workload.port };
  const proxy = createProxyServer({ target });

  const explain = (error: Error): string =>
    `${workload.service} ${workload.version} did not answer: ${workload.failure ?? error.message}. See its output in the mesh's terminal.`;

  // httpxy calls this just before it ends the socket of a failed upgrade, so answer here.
  proxy.on('error', (error, request, response) => {
    if (request === undefined || response === undefined || response.destroyed) return;
    const text = explain(error);
    onFailure(text);
    if ('writeHead' in response) refuse(response, 502, text);
    else refuseUpgrade(request, response, 502, text);
  });

  // httpxy joins the two sockets with pipes. A pipe does not close one side when the other is destroyed.
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
      // The error listener above has already answered.
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
