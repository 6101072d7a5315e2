import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Answers a request with an error and a sentence that says why. Does nothing when an answer is already under way. */
export function refuse(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = `${text}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Answers an upgrade, for which node:http makes no response. */
export function refuseUpgrade(request: IncomingMessage, socket: Socket, status: number, text: string): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  refuse(response, status, text);
}
