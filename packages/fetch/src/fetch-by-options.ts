import type { CallLane } from '@laneway/node-http';
import {
  CallDispatcher,
  dispatcherOf,
  hasGlobalDispatcher,
  isDispatcher,
  lendGlobalDispatcher,
  lentDispatcher,
} from '@laneway/undici';
import { chooseAgent } from './choose-agent.js';
import type { Fetch } from './fetch-kind.js';
import { addToInit, type ClientOptions } from './request-init.js';

/** Whether undici's dispatcher for a call can be found. In a separate realm, such as jest's, Node may hide the global dispatcher. */
export function isReachable(args: readonly unknown[]): boolean {
  return isDispatcher((args[1] as ClientOptions | null | undefined)?.dispatcher) || hasGlobalDispatcher();
}

/**
 * Calls a fetch with a `dispatcher` and an `agent` for this one call, which attach the lane to each hop. undici reads `dispatcher` and
 * node-fetch reads `agent`; each ignores the other.
 */
export function fetchByOptions(
  fetch: Fetch,
  self: unknown,
  args: readonly unknown[],
  call: CallLane,
): unknown {
  const input = args[0];
  const init = args[1] as ClientOptions | null | undefined;
  const send = (added: ClientOptions): unknown => {
    const sent = args.slice();
    sent[1] = addToInit(init, added);
    return Reflect.apply(fetch, self, sent) as unknown;
  };

  const chosen = init?.dispatcher;
  const request: ClientOptions | undefined =
    typeof input === 'object' && input !== null && !(input instanceof URL) ? input : undefined;
  const agent = chooseAgent(call, init?.agent || request?.agent);
  if (isDispatcher(chosen)) return send({ dispatcher: new CallDispatcher(call, chosen), agent });
  // undici throws its error for an invalid dispatcher.
  if (chosen !== undefined && chosen !== null) return send({ agent });
  if (request === undefined) return send({ dispatcher: new CallDispatcher(call, undefined), agent });

  const original = dispatcherOf(request);
  if (original === undefined) {
    // The request may hide a dispatcher. An option would replace it and reset the referrer.
    return lendGlobalDispatcher(new CallDispatcher(call, lentDispatcher()), () => send({ agent }));
  }
  const dispatcher = new CallDispatcher(call, original);
  const { referrer, referrerPolicy } = request;
  // Passing options resets the referrer. The caller passed none, so it is restored.
  const hasOptions = init !== undefined && init !== null && Object.keys(init).length > 0;
  return send(hasOptions ? { dispatcher, agent } : { dispatcher, agent, referrer, referrerPolicy });
}
