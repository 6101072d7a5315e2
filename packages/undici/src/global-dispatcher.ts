import { AsyncResource } from 'node:async_hooks';
import type { Dispatcher } from './dispatch.js';

// undici up to 7 keeps its global dispatcher under the first, undici 8 under the second: there with handlers of the new style.
const FIRST = Symbol.for('undici.globalDispatcher.1');
const SECOND = Symbol.for('undici.globalDispatcher.2');

interface Globals {
  [FIRST]?: Dispatcher | undefined;
  [SECOND]?: Dispatcher | undefined;
}

/** The global objects that may hold a global dispatcher: this one and, where code runs in a realm of its own as in jest, Node's. */
const realms: readonly Globals[] = [...new Set([globalThis as Globals, findNodeGlobal()])];

// The real ones, while another stands in for them.
let replaced: ReadonlyMap<Globals, Globals> | undefined;

function findNodeGlobal(): Globals {
  try {
    // What Node's modules are made with belongs to its own realm.
    return (AsyncResource.constructor as FunctionConstructor)('return globalThis')() as Globals;
  } catch {
    // Code from strings is forbidden in this process.
    return globalThis as Globals;
  }
}

/** Whether undici's global dispatcher can be found. */
export function hasGlobalDispatcher(): boolean {
  // Node loads its undici, and with it the global dispatcher, at the first use of any of its classes.
  return (
    findGlobal(false) !== undefined || (globalThis.Response !== undefined && findGlobal(false) !== undefined)
  );
}

/**
 * The global dispatcher of the undici that dispatches with a handler.
 *
 * @throws {TypeError} when there is none; {@link hasGlobalDispatcher} tells before a call
 */
export function findGlobalDispatcher(handler: object): Dispatcher {
  const found = findGlobal((handler as { onRequestStart?: unknown }).onRequestStart !== undefined);
  if (found === undefined) throw new TypeError('undici has no global dispatcher.');
  return found;
}

/** Whether the global dispatcher is a `MockAgent` at work. */
export function isGlobalMockActive(): boolean {
  return findGlobal(false)?.isMockActive === true;
}

/** Every global dispatcher there is. */
export function globalDispatchers(): Dispatcher[] {
  return realms.flatMap((realm) => {
    const from = replaced?.get(realm) ?? realm;
    return [from[FIRST], from[SECOND]].filter((dispatcher) => dispatcher !== undefined);
  });
}

function findGlobal(newStyle: boolean): Dispatcher | undefined {
  for (const realm of realms) {
    const from = replaced?.get(realm) ?? realm;
    const found = newStyle ? (from[SECOND] ?? from[FIRST]) : (from[FIRST] ?? from[SECOND]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Calls a fetch with a dispatcher in the place of undici's global one, which a fetch without a dispatcher asks for in the very call.
 *
 * @returns what `fn` returns
 */
export function lendGlobalDispatcher<T>(dispatcher: Dispatcher, fn: () => T): T {
  const outer = replaced;
  const before = new Map(realms.map((realm) => [realm, { [FIRST]: realm[FIRST], [SECOND]: realm[SECOND] }]));
  replaced ??= before;
  // Where one cannot be replaced, the call is what it would have been without us.
  for (const [realm, former] of before)
    for (const key of [FIRST, SECOND] as const)
      if (former[key] !== undefined) Reflect.set(realm, key, dispatcher);
  try {
    return fn();
  } finally {
    for (const [realm, former] of before)
      for (const key of [FIRST, SECOND] as const)
        if (realm[key] === dispatcher) Reflect.set(realm, key, former[key]);
    replaced = outer;
  }
}

/** What stands in for the global dispatcher at this moment, if anything does. */
export function lentDispatcher(): Dispatcher | undefined {
  if (replaced === undefined) return undefined;
  return realms.map((realm) => realm[FIRST] ?? realm[SECOND]).find((lent) => lent !== undefined);
}
