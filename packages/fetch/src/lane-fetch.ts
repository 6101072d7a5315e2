import { BASELINE, LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { chooseAgent } from './choose-agent.js';
import {
  CallDispatcher,
  dispatcherOf,
  isDispatcher,
  lendGlobalDispatcher,
  lentDispatcher,
} from '@laneway/undici';
import { fetchByHops } from './hop-fetch.js';
import type { FetchClient, LaneCall } from './lane-call.js';
import { addToInit, type ClientOptions } from './request-init.js';
import { isWebFetch, noteWebFetch } from './web-fetch.js';

/** A fetch, of whichever package. */
export type Fetch = (...args: never[]) => Promise<unknown>;

// What a laned fetch was made with, so that wrapping it again with the same lanes is the same fetch.
const laned = new WeakMap<Fetch, Lanes>();

/**
 * Returns a fetch that attaches the lane it is called in, to each redirect hop by itself. For the fetch of Node, Bun and Deno, undici's
 * and node-fetch; which one it is need not be told.
 *
 * Outside any lane the original is called with the very same arguments.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed something that is no function, or no lanes
 * @example
 * import nodeFetch from 'node-fetch';
 *
 * const fetch = laneFetch(nodeFetch, lanes);
 * const response = await fetch('http://helloworld:5000/hello');
 */
export function laneFetch<F extends Fetch>(fetch: F, lanes?: Lanes): F {
  if (typeof fetch !== 'function')
    throw new LanewayAdapterError(
      'laneFetch was handed no function. Hand it globalThis.fetch, or the fetch of undici or node-fetch.',
    );
  const own = lanesFor('laneFetch', lanes);
  if (laned.get(fetch) === own) return fetch;
  const client: FetchClient = { isWeb: isWebFetch(fetch) };
  // A proxy, as a fetch has properties too (`fetch.isRedirect`, `fetch.Headers`).
  const result = new Proxy(fetch, {
    apply: (target, self, args: unknown[]): unknown => callInLane(target, self, args, own, client),
  });
  laned.set(result, own);
  noteWebFetch(result, fetch);
  return result;
}

function callInLane(
  fetch: Fetch,
  self: unknown,
  args: readonly unknown[],
  lanes: Lanes,
  client: FetchClient,
): unknown {
  const lane = lanes.current();
  const input = args[0];
  const init = args[1] as ClientOptions | null | undefined;
  const isInit =
    init === undefined || init === null || typeof init === 'object' || typeof init === 'function';
  if (lane === BASELINE || !isInit) return Reflect.apply(fetch, self, args) as unknown;

  const call: LaneCall = { lanes, lane, client };
  if (client.isWeb) return fetchByHops(fetch, self, args, call);
  const send = (added: ClientOptions): unknown => {
    const sent = args.slice();
    sent[1] = addToInit(init, added);
    return Reflect.apply(fetch, self, sent) as unknown;
  };

  // Each client reads the option that it knows and ignores the other: `dispatcher` undici, `agent` node-fetch.
  const chosen = init?.dispatcher;
  const request: ClientOptions | undefined =
    typeof input === 'object' && input !== null && !(input instanceof URL) ? input : undefined;
  const agent = chooseAgent(call, init?.agent || request?.agent);
  if (isDispatcher(chosen)) return send({ dispatcher: new CallDispatcher(call, chosen), agent });
  if (request === undefined) return send({ dispatcher: new CallDispatcher(call, undefined), agent });

  const own = dispatcherOf(request);
  if (own === undefined) {
    // It may have a dispatcher that it hides, and an option would replace that one, and reset its referrer.
    return lendGlobalDispatcher(new CallDispatcher(call, lentDispatcher()), () => send({ agent }));
  }
  const dispatcher = new CallDispatcher(call, own);
  const { referrer, referrerPolicy } = request;
  // Options reset these, and there were none.
  const hasOptions = init !== undefined && init !== null && Object.keys(init).length > 0;
  return send(hasOptions ? { dispatcher, agent } : { dispatcher, agent, referrer, referrerPolicy });
}
