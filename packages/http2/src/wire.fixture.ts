import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import http2, {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type Http2SecureServer,
  type Http2Server,
} from 'node:http2';
import type { Lanes } from '@laneway/core';
import { laneHeaders, listen } from '@laneway/testing';

/** One session to a server on loopback. */
export interface Wire {
  readonly session: ClientHttp2Session;
  /** Opens a stream with the method POST, in a lane or without one. */
  post(lane?: string, headers?: object): ClientHttp2Stream;
  /** Ends the session and the server. */
  close(): Promise<void>;
}

/** Starts a server and connects to it. */
export async function openWire(server: Http2Server): Promise<Wire> {
  const port = await listen(server);
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {});
  return {
    session,
    post: (lane, headers) =>
      session.request({ ':method': 'POST', ...(lane && laneHeaders(lane)), ...headers }),
    close: () => {
      session.destroy();
      return stop(server);
    },
  };
}

export async function stop(server: Http2Server | Http2SecureServer): Promise<void> {
  server.close();
  await once(server, 'close');
}

/** Resolves at `close`, with an error or without. */
export function closed(emitter: EventEmitter): Promise<void> {
  return new Promise((done) => void emitter.once('close', done));
}

/** Records the lane in which something happens. */
export interface Notes {
  readonly seen: string[];
  note(what: string): void;
  /** Records several events of an emitter, under the name `what`. */
  noteAll(emitter: EventEmitter, what: string, events: readonly string[]): void;
}

export function takeNotes(lanes: Lanes): Notes {
  const seen: string[] = [];
  const note = (what: string): void => void seen.push(`${what} ${lanes.current().name ?? 'baseline'}`);
  return {
    seen,
    note,
    noteAll(emitter, what, events) {
      for (const event of events) emitter.on(event, () => note(`${what} ${event}`));
    },
  };
}
