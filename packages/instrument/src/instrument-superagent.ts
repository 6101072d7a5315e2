import Module from 'node:module';
import { type Method, override, type Restore, snapshot } from '@laneway/core';

/** The part of a superagent request that Laneway uses. */
interface SuperagentRequest {
  request?: unknown;
}

/** The export of superagent. */
interface Superagent {
  readonly Request?: { readonly prototype: unknown };
}

const MAIN_FILE = /[\\/]superagent[\\/]lib[\\/]node[\\/]index\.js$/;
const BOUND = Symbol('laneway.bound');

/**
 * Makes superagent send each request in the context that created it. superagent sends a request when it is awaited, perhaps by code in
 * another lane.
 *
 * `redirects` is the only public method that the constructor of a request calls. If a later version does not call it, a request is sent in
 * the lane of the code that awaits it.
 */
export function instrumentSuperagent(): Restore {
  const restores: Restore[] = [];
  const known = new WeakSet<object>();
  const instrument = (prototype: unknown): void => {
    if (typeof prototype !== 'object' || prototype === null || known.has(prototype)) return;
    known.add(prototype);
    restores.push(override(prototype, { redirects: bindWhenCreated }));
  };
  for (const [name, module] of Object.entries((Module as { _cache?: NodeJS.Require['cache'] })._cache ?? {}))
    if (MAIN_FILE.test(name)) instrument((module?.exports as Superagent | undefined)?.Request?.prototype);
  restores.push(
    override(Module.prototype, {
      require: (require) =>
        function (this: unknown, ...args) {
          const exports = Reflect.apply(require, this, args) as { prototype?: unknown } | null;
          // superagent copies these methods to the class of requests right after it loads the module.
          if (String(args[0]).endsWith('request-base')) instrument(exports?.prototype);
          return exports;
        },
    }),
  );
  return () => restores.forEach((restore) => restore());
}

function bindWhenCreated(redirects: Method): Method {
  return function (this: unknown, ...args) {
    bindRequest(this as SuperagentRequest & { [BOUND]?: true });
    return Reflect.apply(redirects, this, args);
  };
}

function bindRequest(request: SuperagentRequest & { [BOUND]?: true }): void {
  const original = request.request;
  if (request[BOUND] || typeof original !== 'function') return;
  request[BOUND] = true;
  const enter = snapshot();
  request.request = function (this: unknown, ...args: unknown[]): unknown {
    return enter(() => Reflect.apply(original, this, args) as unknown);
  };
}
