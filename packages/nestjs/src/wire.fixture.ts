import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { laneHeaders } from '@laneway/testing';

/** A kept-alive connection that sends requests one after the other. */
export interface Wire {
  /** Sends a request with a lane or without one, its body in pieces. Resolves with the status and body of the response. */
  send(lane: string | undefined, path: string, body?: string): Promise<string>;
  close(): void;
}

export function openWire(url: string): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async send(lane, path, body) {
      const call = request(`${url}${path}`, {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json', ...(lane && laneHeaders(lane)) },
      });
      const answered = once(call, 'response');
      for (const piece of body?.match(/.{1,5}/gs) ?? []) {
        await new Promise((done) => void call.write(piece, () => setImmediate(done)));
      }
      call.end();
      const [answer] = (await answered) as [IncomingMessage];
      return `${answer.statusCode} ${await text(answer)}`;
    },
    close: () => agent.destroy(),
  };
}
