import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type Client, see } from './lane-count.js';

/** Options of a server of ws: every message is compressed, and one job runs at a time, in the callback of another connection. */
export const DEFLATE = { threshold: 0, concurrencyLimit: 1 };
const TEXT = 'a text that is worth compressing, '.repeat(20);

interface Message {
  readonly event: 'work';
  readonly data: { readonly id: number; readonly seed: number; readonly text: string };
}

/** Opens a WebSocket whose server answers with {@link answerText}. */
export async function connectText(url: string, headers: Record<string, string>): Promise<Client> {
  const socket = new WebSocket(url, { headers });
  const waiting = new Map<number, (seen: string[]) => void>();
  socket.on('message', (text: Buffer) => {
    const { data } = JSON.parse(text.toString()) as { data: { id: number; seen: string[] } };
    waiting.get(data.id)?.(data.seen);
  });
  await once(socket, 'open');
  return {
    ask: (seed) =>
      new Promise((resolve) => {
        const id = waiting.size;
        waiting.set(id, resolve);
        const message: Message = { event: 'work', data: { id, seed, text: TEXT } };
        socket.send(JSON.stringify(message));
      }),
    close: () => socket.terminate(),
  };
}

/** Returns the data of an answer: the lanes in which a message is handled. */
export async function answer({ id, seed, text }: Message['data'], ...seen: string[]): Promise<object> {
  return { id, seen: [...seen, await see(seed)], text };
}

/** Returns the answer to a message of {@link connectText}. */
export async function answerText(message: unknown, ...seen: string[]): Promise<string> {
  const { event, data } = JSON.parse(String(message)) as Message;
  return JSON.stringify({ event, data: await answer(data, ...seen) });
}

/** Returns a class of WebSockets whose handshakes have headers, for clients that take a class. */
export function withHeaders(headers: Record<string, string>): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { headers });
    }
  } as unknown as typeof WebSocket;
}
