import Module from 'node:module';
import { type Lanes, type Method, override, type Restore } from '@laneway/core';
import { type Fetch, kindOf, laneFetch, markKind } from '@laneway/fetch';
import {
  type Dispatch,
  type Dispatcher,
  dispatchInLane,
  findBases,
  findPools,
  findProxyAgents,
  globalDispatchers,
  isBase,
  noteProxy,
  wrapDispatcher,
} from '@laneway/undici';

/** The exports of a copy of undici. */
export interface UndiciModule {
  readonly Agent: { readonly prototype: object };
}

/** Attaches lanes to the calls of Node's fetch and of every copy of undici that is loaded, before or later. */
export function instrumentUndici(lanes: Lanes, undicis: readonly UndiciModule[]): Restore {
  const restores: Restore[] = [];
  const known = new WeakSet<object>();
  const instrument = (base: unknown): void => {
    if (!isBase(base) || known.has(base)) return;
    known.add(base);
    restores.push(override(base, { dispatch: (dispatch) => wrapDispatch(dispatch, lanes) }));
    const root: unknown = Object.getPrototypeOf(base);
    if (typeof root !== 'object' || root === null || known.has(root)) return;
    known.add(root);
    restores.push(override(root, { compose: (compose) => wrapCompose(compose, lanes, isActive) }));
  };
  const instrumentLoaded = (): void => {
    for (const base of findBases()) instrument(base);
    for (const { prototype } of findProxyAgents()) {
      if (known.has(prototype)) continue;
      known.add(prototype);
      restores.push(override(prototype, { dispatch: watchProxy }));
    }
  };
  let active = true;
  const isActive = (): boolean => active;

  instrumentLoaded();
  for (const { Agent } of undicis) instrument(Object.getPrototypeOf(Agent.prototype));
  for (const { prototype, key } of findPools())
    restores.push(override(prototype, { [key]: (dispatch: Method) => wrapDispatch(dispatch, lanes) }));
  restores.push(override(Module.prototype, { require: (require) => watchRequire(require, onLoad) }));
  restores.push(override(globalThis, { fetch: (fetch) => wrapGlobalFetch(fetch, lanes, instrumentLoaded) }));
  function onLoad(base: unknown): void {
    instrument(base);
    // The new copy uses the existing global dispatcher, which may belong to Node's built-in undici.
    instrumentLoaded();
  }
  return () => {
    active = false;
    for (const restore of restores) restore();
  };
}

function wrapDispatch(method: Method, lanes: Lanes): Method {
  const dispatch = method as unknown as Dispatch;
  const wrapped: Dispatch = function (this: Dispatcher, options, handler) {
    const original: Dispatch = (...args) => dispatch.apply(this, args);
    // A `ProxyAgent` opens tunnels that several callers use.
    if ((options as { method?: string } | undefined)?.method === 'CONNECT') return original(options, handler);
    return dispatchInLane(original, options, handler, lanes, this);
  };
  return wrapped;
}

/** Marks the agents inside a `ProxyAgent`: `wrapDispatch` sees these agents, and cannot know that they send through a proxy. */
function watchProxy(dispatch: Method): Method {
  return function (this: unknown, ...args) {
    noteProxy(this as object);
    return Reflect.apply(dispatch, this, args);
  };
}

/** Attaches the lane above the interceptors, so that those that share answers do not share them across lanes. */
function wrapCompose(compose: Method, lanes: Lanes, isActive: () => boolean): Method {
  return function (...args) {
    const composed = Reflect.apply(compose, this, args) as Dispatcher;
    const original: Dispatch = (options, handler) => composed.dispatch(options, handler);
    return wrapDispatcher(composed, (options, handler) =>
      isActive() ? dispatchInLane(original, options, handler, lanes, composed) : original(options, handler),
    );
  };
}

/** Node loads its undici at the first call of its fetch, and that undici may then set the global dispatcher of every copy. */
function wrapGlobalFetch(fetch: Method, lanes: Lanes, instrumentLoaded: () => void): Method {
  const kind = kindOf(fetch as Fetch);
  // A function around the global fetch: for the global fetch itself, laneFetch would call its replacement, which is `instrumented`.
  const original = markKind((...args: never[]) => Reflect.apply(fetch, undefined, args), kind);
  const wrapped = laneFetch(original as Fetch, lanes) as Method;
  let last: readonly unknown[] = [];
  const instrumented: Method = (...args) => {
    const now = globalDispatchers();
    if (now.some((dispatcher, index) => dispatcher !== last[index])) instrumentLoaded();
    last = now;
    return wrapped(...args);
  };
  return markKind(instrumented, kind);
}

/** Calls `onLoad` for each copy of undici that is loaded, when its module `dispatcher-base` is required. */
function watchRequire(require: Method, onLoad: (base: unknown) => void): Method {
  return function (...args) {
    const exports = Reflect.apply(require, this, args) as { prototype?: unknown } | null;
    const [id] = args as unknown[];
    if (typeof id === 'string' && id.endsWith('dispatcher-base')) onLoad(exports?.prototype);
    return exports;
  };
}
