import Module from 'node:module';
import { type Lanes, type Method, override, type Restore } from '@laneway/core';
import { type Fetch, kindOf, laneFetch, markKind } from '@laneway/fetch';
import {
  type Dispatch,
  type Dispatcher,
  dispatchInLane,
  findBases,
  findPools,
  globalDispatchers,
  isBase,
  wrapDispatcher,
} from '@laneway/undici';

/** A copy of undici, as its import. */
export interface UndiciModule {
  readonly Agent: { readonly prototype: object };
}

/** Attaches lanes to calls of Node's fetch and of every copy of undici, whether it is loaded already or later. */
export function instrumentUndici(lanes: Lanes, undicis: readonly UndiciModule[]): Restore {
  const restores: Restore[] = [];
  const known = new WeakSet<object>();
  const instrument = (base: unknown): void => {
    if (!isBase(base) || known.has(base)) return;
    known.add(base);
    restores.push(override(base, { dispatch: (dispatch) => laneMethod(dispatch, lanes) }));
    const root: unknown = Object.getPrototypeOf(base);
    if (typeof root !== 'object' || root === null || known.has(root)) return;
    known.add(root);
    restores.push(override(root, { compose: (compose) => laneComposed(compose, lanes, isActive) }));
  };
  const instrumentLoaded = (): void => {
    for (const base of findBases()) instrument(base);
  };
  let active = true;
  const isActive = (): boolean => active;

  instrumentLoaded();
  for (const { Agent } of undicis) instrument(Object.getPrototypeOf(Agent.prototype));
  for (const { prototype, key } of findPools())
    restores.push(override(prototype, { [key]: (dispatch: Method) => laneMethod(dispatch, lanes) }));
  restores.push(override(Module.prototype, { require: (require) => watchRequire(require, onLoad) }));
  restores.push(override(globalThis, { fetch: (fetch) => laneGlobalFetch(fetch, lanes, instrumentLoaded) }));
  function onLoad(base: unknown): void {
    instrument(base);
    // An undici that is loaded later uses the global dispatcher that is there: perhaps the one of Node's own undici.
    instrumentLoaded();
  }
  return () => {
    active = false;
    for (const restore of restores) restore();
  };
}

function laneMethod(method: Method, lanes: Lanes): Method {
  const dispatch = method as unknown as Dispatch;
  const laned: Dispatch = function (this: Dispatcher, options, handler) {
    const passOn: Dispatch = (...args) => dispatch.apply(this, args);
    // A proxy's agent opens a tunnel by itself, for whoever comes.
    if ((options as { method?: string } | undefined)?.method === 'CONNECT') return passOn(options, handler);
    return dispatchInLane(passOn, options, handler, lanes, this);
  };
  return laned;
}

/** Attaches the lane above the interceptors, so that one that shares answers does not share them across lanes. */
function laneComposed(compose: Method, lanes: Lanes, isActive: () => boolean): Method {
  return function (...args) {
    const composed = Reflect.apply(compose, this, args) as Dispatcher;
    const passOn: Dispatch = (options, handler) => composed.dispatch(options, handler);
    return wrapDispatcher(composed, (options, handler) =>
      isActive() ? dispatchInLane(passOn, options, handler, lanes, composed) : passOn(options, handler),
    );
  };
}

/** Node loads its undici at the first call of its fetch, and it may then be the global dispatcher of every copy. */
function laneGlobalFetch(fetch: Method, lanes: Lanes, instrumentLoaded: () => void): Method {
  const kind = kindOf(fetch as Fetch);
  // Not the global fetch itself: laneFetch would look up the one of the moment, which is ours.
  const original = markKind((...args: never[]) => Reflect.apply(fetch, undefined, args), kind);
  const laned = laneFetch(original as Fetch, lanes) as Method;
  let last: readonly unknown[] = [];
  const instrumented: Method = (...args) => {
    const now = globalDispatchers();
    if (now.some((dispatcher, index) => dispatcher !== last[index])) instrumentLoaded();
    last = now;
    return laned(...args);
  };
  return markKind(instrumented, kind);
}

/** Sees every copy of undici when it is loaded, by the module that all of its dispatchers are made from. */
function watchRequire(require: Method, onLoad: (base: unknown) => void): Method {
  return function (...args) {
    const exports = Reflect.apply(require, this, args) as { prototype?: unknown } | null;
    const [id] = args as unknown[];
    if (typeof id === 'string' && id.endsWith('dispatcher-base')) onLoad(exports?.prototype);
    return exports;
  };
}
