import Module from 'node:module';
import { type Lanes, type Method, override, type Restore } from '@laneway/core';
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
import { laneFetch } from '@laneway/fetch';

/** Puts lanes on what leaves by Node's fetch, and by every copy of undici, loaded before or after. */
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
    restores.push(override(root, { compose: (compose) => composeLaned(compose, lanes, isActive) }));
  };
  const instrumentLoaded = (): void => {
    for (const base of findBases()) instrument(base);
  };
  let active = true;
  const isActive = (): boolean => active;

  // Node loads its undici at the first use of any of its classes, whoever that is, and then it is the global dispatcher of all copies.
  void globalThis.Response;
  instrumentLoaded();
  for (const { Agent } of undicis) instrument(Object.getPrototypeOf(Agent.prototype));
  for (const { prototype, key } of findPools())
    restores.push(override(prototype, { [key]: (dispatch: Method) => laneMethod(dispatch, lanes) }));
  restores.push(override(Module.prototype, { require: (require) => watchRequire(require, instrument) }));
  restores.push(
    override(globalThis, {
      fetch: (fetch) => {
        const laned = laneFetch(fetch as unknown as typeof globalThis.fetch, lanes) as unknown as Method;
        let last: readonly unknown[] = [];
        return (...args) => {
          const now = globalDispatchers();
          if (now.some((dispatcher, index) => dispatcher !== last[index])) instrumentLoaded();
          last = now;
          return laned(...args);
        };
      },
    }),
  );
  return () => {
    active = false;
    for (const restore of restores) restore();
  };
}

/** A copy of undici, as its import. */
export interface UndiciModule {
  readonly Agent: { readonly prototype: object };
}

function laneMethod(method: Method, lanes: Lanes): Method {
  const dispatch = method as unknown as Dispatch;
  const laned: Dispatch = function (this: Dispatcher, options, handler) {
    const hand: Dispatch = (...args) => dispatch.apply(this, args);
    // Opens a tunnel, for whoever comes: a proxy's agent does so by itself.
    if ((options as { method?: string } | undefined)?.method === 'CONNECT') return hand(options, handler);
    return dispatchInLane(hand, options, handler, lanes, this);
  };
  return laned;
}

/** Interceptors stand below the lane, so that one that shares answers does not share them across lanes. */
function composeLaned(compose: Method, lanes: Lanes, isActive: () => boolean): Method {
  return function (...args) {
    const composed = Reflect.apply(compose, this, args) as Dispatcher;
    const hand: Dispatch = (options, handler) => composed.dispatch(options, handler);
    return wrapDispatcher(composed, (options, handler) =>
      isActive() ? dispatchInLane(hand, options, handler, lanes, composed) : hand(options, handler),
    );
  };
}

/** Sees every copy of undici when it is loaded, by the module that all of its dispatchers are made from. */
function watchRequire(require: Method, instrument: (base: unknown) => void): Method {
  return function (...args) {
    const exports = Reflect.apply(require, this, args) as { prototype?: unknown } | null;
    const [id] = args as unknown[];
    if (typeof id === 'string' && id.endsWith('dispatcher-base')) instrument(exports?.prototype);
    return exports;
  };
}
