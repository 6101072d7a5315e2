import type { LookupFunction } from 'node:net';
import type { Lanes } from '@laneway/core';

/** One request that a client is asked for; always GET. */
export interface Request {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** After how many milliseconds the client is to give up, by its own means where it has some. */
  readonly timeout?: number;
  /** Called when the head of the response is there and its body is not. */
  readonly onResponse?: () => void;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

/** Called once, from where the client calls back. */
export type Done = (error: unknown, answer?: Answer) => void;

/** A client at work, over as few connections as it can be told to use. */
export interface Caller {
  send(request: Request, done: Done): void;
  close(): unknown;
}

/** What a client is opened with. */
export interface Setup {
  /** Puts Laneway's wrapper around a client, where lanes are attached that way; else returns the client itself. */
  readonly wrap: <C>(client: C, lane: (client: C, lanes: Lanes) => C) => C;
  /** Resolves every name to this machine. */
  readonly lookup: LookupFunction;
  /** The certificate of the upstream, for https. */
  readonly ca: string | undefined;
}

/** A client, as the list in `clients/index.ts` names it. */
export interface Client {
  readonly name: string;
  /** The npm package under test, for its version; Node itself where there is none. */
  readonly package?: string;
  /** @default 20 */
  readonly minNode?: number;
  /** @default 'http' */
  readonly scheme?: 'http' | 'https' | 'http2' | 'https2';
  /** How many calls are made at most, whatever was asked for. @default no limit */
  readonly mostCalls?: number;
  /** Whether its calls must carry the lane; else no call may carry any. @default true */
  readonly carries?: boolean;
  /** Whether the client follows redirects by itself; else the calling code does, where the client calls it back. */
  readonly follows?: boolean;
  /** Whether the client retries by itself; else the calling code does, where the client calls it back. */
  readonly retries?: boolean;
  /** Loads the client; called when everything that patches modules has been set up. */
  load(): Promise<(setup: Setup) => Caller>;
}

/** The `send` of a client that returns promises. */
export function promised(call: (request: Request) => Promise<Answer>): Caller['send'] {
  return (request, done) => void tell(call(request), done);
}

async function tell(promise: Promise<Answer>, done: Done): Promise<void> {
  let answer: Answer;
  try {
    answer = await promise;
  } catch (error) {
    return done(error);
  }
  done(undefined, answer);
}

/** The signal of a request, for clients that know no timeout. */
export function signalOf({ signal, timeout }: Request): AbortSignal | undefined {
  return timeout === undefined ? signal : AbortSignal.timeout(timeout);
}
