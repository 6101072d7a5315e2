// The only file that uses internals of express: the layers of middleware, handlers and error handlers of apps and routers, and the functions
// of `param`. If a version does not have one of them, those functions run in the context of their caller, and shared-connection.test.ts in
// packages/express fails.
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Method, override } from '@laneway/core';
import { context } from '@opentelemetry/api';
import { contextToEnter, prepareEmitters } from './bind-emitter.js';

/** Names of express 5 and of express 4, and which argument is the request. */
const LAYER_METHODS = { handleRequest: 0, handleError: 1, handle_request: 0, handle_error: 1 } as const;

const known = new WeakSet<object>();
// A registered symbol, so that two copies of this package wrap a function once.
const ENTERS = Symbol.for('laneway.enters.1');

/**
 * Makes everything that express calls for a request run in the lane of that request. Without this, it would run where `next` is called, which
 * may be the callback of a shared connection. Call this for each request; after the first request of an app it costs one lookup.
 *
 * @param request a request; without an express app it is ignored
 */
export function enterExpressLayers(request: IncomingMessage): void {
  const { app } = request as { app?: unknown };
  if (typeof app !== 'function' || known.has(app)) return;
  known.add(app);
  try {
    // `_router` first: express 4 has it, and its `router` throws.
    wrapRouter(read(app, '_router') ?? read(app, 'router'));
    // Each app has separate prototypes for these.
    for (const name of ['request', 'response']) {
      const prototype = read(app, name);
      if (prototype instanceof EventEmitter && Object.hasOwn(prototype, 'app')) prepareEmitters(prototype);
    }
  } catch {
    // Not an app of express.
  }
}

function wrapRouter(router: unknown): void {
  if (typeof router !== 'function' || known.has(router)) return;
  const stack = read(router, 'stack');
  if (!Array.isArray(stack)) return;
  known.add(router);
  wrapParams(router);
  wrapLayers(stack as object[]);
  // For later routers and those of mounted apps, which cannot be found from here.
  wrapMethod(Object.getPrototypeOf(router) as object, 'handle', (original) => {
    return function (this: unknown, ...args) {
      wrapRouter(this);
      return Reflect.apply(original, this, args);
    };
  });
  wrapMethod(Object.getPrototypeOf(router) as object, 'param', (original) => {
    return function (this: unknown, ...args) {
      const result: unknown = Reflect.apply(original, this, args);
      wrapParams(this as object);
      return result;
    };
  });
}

/** Wraps the prototype of layers. The layers of a router and its routes share it. Another copy of express has another one. */
function wrapLayers(layers: readonly object[]): void {
  for (const layer of layers) {
    for (const [name, index] of Object.entries(LAYER_METHODS))
      wrapMethod(Object.getPrototypeOf(layer) as object, name, (original) => enterAt(index, original));
    const { stack } = (read(layer, 'route') ?? {}) as { stack?: object[] };
    if (Array.isArray(stack)) wrapLayers(stack);
    wrapRouter(read(layer, 'handle'));
  }
}

function enterAt(index: 0 | 1, original: Method): Method {
  return function (this: unknown, ...args: unknown[]) {
    const request = args[index] as IncomingMessage;
    const toEnter = contextToEnter(request);
    const result =
      toEnter === undefined
        ? Reflect.apply(original, this, args as never)
        : context.with(toEnter, original as Call, this, ...args);
    // While a mounted app handles the request, `request.app` is that app, which may come from another copy of express.
    if ((this as { name?: unknown } | undefined)?.name === 'mounted_app') enterExpressLayers(request);
    return result;
  };
}

type Call = (...args: unknown[]) => unknown;

function wrapParams(router: object): void {
  for (const functions of Object.values(Object(read(router, 'params')) as object)) {
    if (!Array.isArray(functions)) continue;
    for (const [index, fn] of functions.entries())
      if (typeof fn === 'function' && !(ENTERS in fn))
        functions[index] = Object.assign(enterAt(0, fn as Method), { [ENTERS]: true });
  }
}

function wrapMethod(owner: object, name: string, wrap: (original: Method) => Method): void {
  const method = read(owner, name);
  if (typeof method !== 'function' || ENTERS in method) return;
  override(owner, { [name]: (original) => Object.assign(wrap(original), { [ENTERS]: true }) });
}

function read(target: object, name: string): unknown {
  return (target as Record<string, unknown>)[name];
}
