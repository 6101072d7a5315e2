import { runBound } from '@laneway/node-http';
import type { KoaContext, KoaMiddleware } from './koa-types.js';

type Run = (ctx: KoaContext) => Promise<unknown>;

/** The parts of a koa application that Laneway uses. */
interface Application {
  readonly middleware?: unknown;
  /** From koa 3 on. */
  readonly compose?: (middleware: KoaMiddleware[]) => Run;
}

/** The router, which `@koa/router` stores on its middleware. */
interface Router {
  readonly stack?: unknown;
}

/** The middleware after koaLane, composed, and the number of all middleware at that time. */
interface Chain {
  readonly length: number;
  readonly run: Run | undefined;
}

const wrapped = new WeakSet<KoaMiddleware>();

/**
 * Returns a function that runs the middleware after `middleware`, each in the context of its request, also when `next` is called from
 * another context. If `middleware` is not registered on the application itself, the function calls `next`.
 *
 * The later middleware is composed again here, because koa-compose copies the application's list when the server starts.
 */
export function createLaterRunner(
  middleware: KoaMiddleware,
): (ctx: KoaContext, next: () => Promise<unknown>) => Promise<unknown> {
  const chains = new WeakMap<object, Chain>();
  return (ctx, next) => {
    const { app } = ctx;
    const all = app.middleware;
    let chain = chains.get(app);
    if (chain === undefined || (Array.isArray(all) && all.length !== chain.length)) {
      chain = composeLater(app, middleware);
      chains.set(app, chain);
    }
    return chain.run === undefined ? next() : chain.run(ctx);
  };
}

function composeLater(app: Application, middleware: KoaMiddleware): Chain {
  const all = app.middleware;
  if (!isMiddlewareList(all)) return { length: 0, run: undefined };
  const index = all.indexOf(middleware);
  // When an earlier router has this middleware too, its `next` leads to the router's other middleware, not to this list.
  if (
    index === -1 ||
    all.slice(0, index).some((fn) => routeStacks(fn).some((stack) => stack.includes(middleware)))
  )
    return { length: all.length, run: undefined };
  const later = all.slice(index + 1).map(wrapMiddleware);
  return { length: all.length, run: (app.compose ?? compose)(later) };
}

function wrapMiddleware(original: KoaMiddleware): KoaMiddleware {
  if (wrapped.has(original)) return original;
  // Changed in place: `@koa/router` composes the middleware of its layers for each request.
  for (const stack of routeStacks(original)) stack.splice(0, stack.length, ...stack.map(wrapMiddleware));
  const wrapper: KoaMiddleware = (ctx, next) => runBound(ctx.req, () => original(ctx, next));
  wrapped.add(wrapper);
  // `@koa/router` and others store properties on middleware and read them later.
  return Object.assign(wrapper, original);
}

/** Returns the lists of middleware of a router of `@koa/router`, one for each layer. */
function routeStacks(middleware: KoaMiddleware): KoaMiddleware[][] {
  const { router } = middleware as { router?: Router };
  if (!Array.isArray(router?.stack)) return [];
  return router.stack.map((layer: { readonly stack?: unknown }) => layer.stack).filter(isMiddlewareList);
}

function isMiddlewareList(list: unknown): list is KoaMiddleware[] {
  return Array.isArray(list) && list.every((fn) => typeof fn === 'function');
}

/** Composes middleware as koa does. Koa 2 does not expose its compose function. */
function compose(list: readonly KoaMiddleware[]): Run {
  return (ctx) => {
    let last = -1;
    const dispatch = async (index: number): Promise<unknown> => {
      if (index <= last) throw new Error('next() called multiple times');
      last = index;
      return list[index]?.(ctx, () => dispatch(index + 1));
    };
    return dispatch(0);
  };
}
