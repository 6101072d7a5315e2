import Module from 'node:module';
import { type Method, override, type Restore, snapshot } from '@laneway/core';

/** The part of a superagent request that we use. */
interface SuperagentRequest {
  request?: unknown;
}

/** superagent itself. */
interface Superagent {
  readonly Request?: { readonly prototype: unknown };
}

const MAIN_FILE = /[\\/]superagent[\\/]lib[\\/]node[\\/]index\.js$/;
const BOUND = Symbol('laneway.bound');

/**
 * Makes each request of superagent be sent in the context that it was made in. superagent sends a request when it is awaited, perhaps by code
 * in another lane.
 *
 * `redirects` is the one public method that the constructor of a request calls. Should that change, a request is sent in the lane of the code
 * that awaits it.
 */
export function instrumentSuperagent(): Restore {
  const restores: Restore[] = [];
  const known = new WeakSet<object>();
  const instrument = (prototype: unknown): void => {
    if (typeof prototype !== 'object' || prototype === null || known.has(prototype)) return;
    known.add(prototype);
    restores.push(override(prototype, { redirects: bindWhenMade }));
  };
  for (const [name, module] of Object.entries((Module as { _cache?: NodeJS.Require['cache'] })._cache ?? {}))
    if (MAIN_FILE.test(name)) instrument((module?.exports as Superagent | undefined)?.Request?.prototype);
  restores.push(
    override(Module.prototype, {
      require: (require) =>
        function (this: unknown, ...args) {
          const exports = Reflect.apply(require, this, args) as { prototype?: unknown } | null;
          // Its methods are copied to the class of requests right after.
          if (String(args[0]).endsWith('request-base')) instrument(exports?.prototype);
          return exports;
        },
    }),
  );
  return () => restores.forEach((restore) => restore());
}

function bindWhenMade(redirects: Method): Method {
  return function (this: unknown, ...args) {
    bindRequest(this as SuperagentRequest & { [BOUND]?: true });
    return Reflect.apply(redirects, this, args);
  };
}

function bindRequest(request: SuperagentRequest & { [BOUND]?: true }): void {
  const make = request.request;
  if (request[BOUND] || typeof make !== 'function') return;
  request[BOUND] = true;
  const enter = snapshot();
  request.request = function (this: unknown, ...args: unknown[]): unknown {
    return enter(() => Reflect.apply(make, this, args) as unknown);
  };
}
