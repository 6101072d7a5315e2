import { LanewayAdapterError } from '@laneway/core';
import type { Dispatcher } from './dispatch.js';

// undici up to 7 keeps its global dispatcher under the first, undici 8 under the second: there with handlers of the new style.
const FIRST = Symbol.for('undici.globalDispatcher.1');
const SECOND = Symbol.for('undici.globalDispatcher.2');

interface Globals {
  [FIRST]?: Dispatcher | undefined;
  [SECOND]?: Dispatcher | undefined;
}
const globals = globalThis as Globals;

// The real ones, while another stands in for them.
let replaced: Globals | undefined;

/** The global dispatcher of the undici that dispatches with a handler. */
export function findGlobalDispatcher(handler: object): Dispatcher {
  const found = findGlobal((handler as { onRequestStart?: unknown }).onRequestStart !== undefined);
  if (found !== undefined) return found;
  throw new LanewayAdapterError(
    'laneFetch found no global dispatcher of undici. Pass a dispatcher in the options of the call.',
  );
}

/** Whether the global dispatcher is a `MockAgent` at work. */
export function isGlobalMockActive(): boolean {
  return findGlobal(false)?.isMockActive === true;
}

/** Every global dispatcher there is. */
export function globalDispatchers(): Dispatcher[] {
  const from = replaced ?? globals;
  return [from[FIRST], from[SECOND]].filter((dispatcher) => dispatcher !== undefined);
}

function findGlobal(newStyle: boolean): Dispatcher | undefined {
  const from = replaced ?? globals;
  return newStyle ? (from[SECOND] ?? from[FIRST]) : (from[FIRST] ?? from[SECOND]);
}

/**
 * Calls a fetch with a dispatcher in the place of undici's global one, which a fetch without a dispatcher asks for in the very call.
 *
 * @returns what `fn` returns
 */
export function lendGlobalDispatcher<T>(dispatcher: Dispatcher, fn: () => T): T {
  const outer = replaced;
  const before: Globals = { [FIRST]: globals[FIRST], [SECOND]: globals[SECOND] };
  replaced ??= before;
  // Where one cannot be replaced, the call is the one that it would have been without us.
  for (const key of [FIRST, SECOND] as const)
    if (before[key] !== undefined) Reflect.set(globals, key, dispatcher);
  try {
    return fn();
  } finally {
    for (const key of [FIRST, SECOND] as const)
      if (globals[key] === dispatcher) Reflect.set(globals, key, before[key]);
    replaced = outer;
  }
}

/** What stands in for the global dispatcher at this moment, if anything does. */
export function lentDispatcher(): Dispatcher | undefined {
  return replaced && (globals[FIRST] ?? globals[SECOND]);
}
