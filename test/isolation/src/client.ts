import type { LookupFunction } from 'node:net';
import type { Lanes } from '@laneway/core';

/** One GET request for a client. */
export interface Request {
  readonly url: string;
  readonly signal?: AbortSignal;
  /** The time limit in milliseconds. Clients with a timeout option use it. */
  readonly timeout?: number;
  /** Called when the response headers have arrived, before the body. */
  readonly onResponse?: () => void;
}

/** The answer. */
export interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
}

/** Called once, in the client's callback. */
export type Done = (error: unknown, answer?: Answer) => void;

/** An opened client, with as few connections as possible. */
export interface Caller {
  send(request: Request, done: Done): void;
  close(): unknown;
}

/** Options for opening a client. */
export interface Setup {
  /** Returns the wrapped client, or the original if the way under test does not wrap. */
  readonly wrap: <C>(client: C, lane: (client: C, lanes: Lanes) => C) => C;
  /** Resolves every name to loopback. */
  readonly lookup: LookupFunction;
  /** The upstream's certificate, for https. */
  readonly ca: string | undefined;
}

/** A client in the list of `clients/index.ts`. */
export interface Client {
  readonly name: string;
  /** The npm package under test, for its version. @default Node */
  readonly package?: string;
  /** @default 20 */
  readonly minNode?: number;
  /** @default 'http' */
  readonly scheme?: 'http' | 'https' | 'http2' | 'https2';
  /** The largest number of calls, regardless of `--calls`. @default no limit */
  readonly mostCalls?: number;
  /** Whether its calls must carry the lane. If false, no call may carry one. @default true */
  readonly carries?: boolean;
  /** Whether the client follows redirects. If not, the calling code does it in the client's callback. */
  readonly follows?: boolean;
  /** Whether the client retries. If not, the calling code does it in the client's callback. */
  readonly retries?: boolean;
  /** Loads the client. Called after everything that patches modules. */
  load(): Promise<(setup: Setup) => Caller>;
}

/** Returns the `send` of a client that returns promises. */
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

/** Returns the signal of a request, for clients without a timeout option. */
export function signalOf({ signal, timeout }: Request): AbortSignal | undefined {
  return timeout === undefined ? signal : AbortSignal.timeout(timeout);
}
