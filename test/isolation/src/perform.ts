import type { Answer, Caller, Client, Request } from './client.js';
import type { SharedTriggers } from './shared-triggers.js';
import type { PlannedCall } from './plan.js';
import type { Destination } from './situations.js';
import type { Addresses } from './upstream.js';
import type { Way } from './way.js';

/** The parts that a call needs. */
export interface Kit {
  readonly client: Pick<Client, 'follows' | 'retries'>;
  readonly way: Way;
  readonly addresses: Addresses;
  readonly caller: Caller;
  /** Returns the client of this round, which the first call creates. */
  readonly lazyCaller: () => Caller;
  readonly triggers: SharedTriggers;
  /** A lane other than the caller's. */
  readonly otherLane: string;
}

// Different lengths: when one call times out, the next is sent and waits for the rest of its timeout.
const timeoutOf = (id: number): number => 10 + 5 * (Math.floor(id / 10) % 4);
const HOPS = 4;

/** Makes one call in its situation, in the caller's lane. Rejects when it ends in an unexpected way. */
export function perform(call: PlannedCall, kit: Kit): Promise<void> {
  const { way, triggers, otherLane } = kit;
  const url = (destination: Destination | 'refused', step: string, ...hops: string[]): string => {
    const [to, ...rest] = hops;
    const query = to === undefined ? '' : `?to=${encodeURIComponent(url(...parseRequest(to), ...rest))}`;
    return `${kit.addresses.origins[destination]}/${call.id}/${step}${query}`;
  };
  const succeed = (target: string, caller = kit.caller): Promise<void> =>
    exchange(target, call.id, kit, caller);
  const ok = (): Promise<void> => succeed(url('home', 'ok'));
  /** The request must fail. Then the callback of the failed request makes another call. */
  const fail = (target: string, options: Partial<Request> = {}): Promise<void> =>
    new Promise((resolve, reject) => {
      kit.caller.send(
        { url: target, ...options },
        once((error) => {
          if (error === undefined) reject(new Error('succeeded, but was expected to fail'));
          else resolve(succeed(url('home', 'after')));
        }),
      );
    });
  const abort = (controller: AbortController): void => way.run(otherLane, () => controller.abort());
  const controller = new AbortController();
  const { signal } = controller;

  switch (call.situation) {
    case 'plain':
      return ok();
    case 'external host':
      return succeed(url('external', 'ok'));
    case 'redirect, same origin':
      return succeed(url('home', 'redirect', 'home ok'));
    case 'redirect, other origin':
      return succeed(url('home', 'redirect', 'other ok'));
    case 'redirect, external host':
      return succeed(url('home', 'redirect', 'external ok'));
    case 'redirect, external host and back':
      return succeed(url('home', 'redirect', 'external redirect', 'home ok'));
    case 'retry, dropped':
      return succeed(url('home', 'drop'));
    case 'retry, 503':
      return succeed(url('home', 'busy'));
    case 'timeout':
      return fail(url('home', 'hang'), { timeout: timeoutOf(call.id) });
    case 'aborted before sent': {
      if (call.id % 2 === 0) controller.abort();
      const failed = fail(url('home', 'hang'), { signal });
      abort(controller);
      return failed;
    }
    case 'aborted while queued':
      way.run(otherLane, () => setImmediate(() => controller.abort()));
      return fail(url('home', 'hang'), { signal });
    case 'aborted while receiving':
      return fail(url('home', 'begin'), { signal, onResponse: () => abort(controller) });
    case 'queued behind a slow call':
      return succeed(url('home', call.id % 10 === 0 ? 'slow' : 'ok'));
    case 'connection refused':
      return fail(url('refused', 'ok'));
    case 'connection reset':
      return fail(url('home', 'reset'));
    case 'lazily created client':
      return succeed(url('other', 'ok'), kit.lazyCaller());
    case 'timer of another lane':
      return triggers.timer(ok);
    case 'interval of another lane':
      return triggers.interval(call.lane, ok);
    case 'emitter of another lane':
      return triggers.emitter(call.id, ok);
    case 'queue of another lane':
      return triggers.queue(call.lane, ok);
    case 'baseline':
      return way.run(undefined, ok);
  }
}

function parseRequest(text: string): [destination: Destination, step: string] {
  return text.split(' ') as [Destination, string];
}

/** Sends until there is an answer. If the client does not retry or follow redirects, its callback does it here. */
function exchange(first: string, id: number, { client, addresses }: Kit, caller: Caller): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = HOPS;
    const attempt = (url: string): void => {
      const mayRetry = !client.retries && /\/(?:drop|busy)$/.test(url) && left > 0;
      const judge = (error: unknown, answer?: Answer): void => {
        left--;
        if (error !== undefined) return mayRetry ? attempt(url) : reject(error);
        const { status, location, text } = answer as Answer;
        if (status === 302 && location !== undefined && !client.follows && left > 0)
          return attempt(new URL(location, url).href);
        if (status === 503 && mayRetry) return attempt(url);
        if (status === 200 && text === String(id)) return resolve();
        reject(
          new Error(
            `ended with ${status} ${JSON.stringify(text)} at ${url.replace(addresses.origins.home, '')}`,
          ),
        );
      };
      try {
        caller.send({ url }, once(judge));
      } catch (error) {
        reject(error);
      }
    };
    attempt(first);
  });
}

/** A failed request may call back twice, from the request and from its response. */
function once(done: (error: unknown, answer?: Answer) => void): typeof done {
  let called = false;
  return (error, answer) => {
    if (called) return;
    called = true;
    done(error, answer);
  };
}
