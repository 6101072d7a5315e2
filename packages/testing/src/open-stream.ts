import { once } from 'node:events';
import { type IncomingMessage, request as startRequest } from 'node:http';
import { laneHeaders } from './contract-policy.js';

/** A client that reads a response that stays open. */
export interface StreamReader {
  readonly lane: string;
  /** Resolves with the next event. */
  read(): Promise<string>;
  /** Closes the connection in the middle of the response. */
  disconnect(): void;
}

/** Sends a request in a lane, or without one for `baseline`, and resolves when its response has started. */
export async function openStream(port: number, lane: string): Promise<StreamReader> {
  const headers = lane === 'baseline' ? {} : laneHeaders(lane);
  const request = startRequest({ host: '127.0.0.1', port, headers, agent: false }).end();
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  const chunks = answer.iterator({ destroyOnReturn: false });
  let text = '';
  return {
    lane,
    async read() {
      while (!text.includes('\n\n')) text += String((await chunks.next()).value);
      const event = text.slice(0, text.indexOf('\n\n') + 2);
      text = text.slice(event.length);
      return event;
    },
    disconnect: () => void request.destroy(),
  };
}
