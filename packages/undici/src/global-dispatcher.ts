import { AsyncResource } from 'node:async_hooks';
import type { Dispatcher } from './dispatch.js';

// undici 6 and 7 store their global dispatcher under the first symbol. undici 8 stores it under the second, for handlers of the new style.
const FIRST = Symbol.for('undici.globalDispatcher.1');
const SECOND = Symbol.for('undici.globalDispatcher.2');

interface Globals {
  [FIRST]?: Dispatcher | undefined;
  [SECOND]?: Dispatcher | undefined;
}

/** The global objects that may hold a global dispatcher: this realm's and Node's. They differ in jest, which runs tests in their own realm. */
const realms: readonly Globals[] = [...new Set([globalThis as Globals, findNodeGlobal()])];

// The real dispatchers of each realm, while another dispatcher is lent in their place.
let replaced: ReadonlyMap<Globals, Globals> | undefined;

function findNodeGlobal(): Globals {
  try {
    // The constructors of Node's modules belong to Node's realm.
    return (AsyncResource.constructor as FunctionConstructor)('return globalThis')() as Globals;
  } catch {
    // This process forbids code from strings.
    return globalThis as Globals;
  }
}

/** Whether this process has a global dispatcher of undici. */
export function hasGlobalDispatcher(): boolean {
  // Node creates its global dispatcher at the first use of one of its web classes, such as `Response`.
  return (
    findGlobal(false) !== undefined || (globalThis.Response !== undefined && findGlobal(false) !== undefined)
  );
}

/**
 * Returns the global dispatcher for the style of `handler`.
 *
 * @throws {TypeError} when there is none; check {@link hasGlobalDispatcher} before the call
 */
export function findGlobalDispatcher(handler: object): Dispatcher {
  const found = findGlobal((handler as { onRequestStart?: unknown }).onRequestStart !== undefined);
  if (found === undefined) throw new TypeError('undici has no global dispatcher.');
  return found;
}

/** Whether the global dispatcher is an active `MockAgent`. */
export function isGlobalMockActive(): boolean {
  return findGlobal(false)?.isMockActive === true;
}

/** Returns the global dispatchers of all realms and styles. */
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
 * Calls `fn` while `dispatcher` replaces undici's global dispatcher. A fetch without a dispatcher reads the global one before it returns.
 *
 * @returns what `fn` returns
 */
export function lendGlobalDispatcher<T>(dispatcher: Dispatcher, fn: () => T): T {
  const outer = replaced;
  const before = new Map(realms.map((realm) => [realm, { [FIRST]: realm[FIRST], [SECOND]: realm[SECOND] }]));
  replaced ??= before;
  // `Reflect.set` does not throw: if a global dispatcher cannot be replaced, the call works as it would without Laneway.
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

/** Returns the dispatcher that {@link lendGlobalDispatcher} currently lends, or `undefined`. */
export function lentDispatcher(): Dispatcher | undefined {
  if (replaced === undefined) return undefined;
  return realms.map((realm) => realm[FIRST] ?? realm[SECOND]).find((lent) => lent !== undefined);
}
