import { runBound } from '@laneway/node-http';
import type { KoaContext, KoaMiddleware } from './koa-types.js';

type Run = (ctx: KoaContext) => Promise<unknown>;

/** What is used of an application. */
interface Application {
  readonly middleware?: unknown;
  /** From koa 3 on. */
  readonly compose?: (middleware: KoaMiddleware[]) => Run;
}

/** What `@koa/router` shows of a router on its middleware. */
interface Router {
  readonly stack?: unknown;
}

/** What is behind one middleware of an application that has so many. */
interface Chain {
  readonly length: number;
  readonly run: Run | undefined;
}

const wrapped = new WeakSet<KoaMiddleware>();

/**
 * Returns a function that runs what an application does behind one middleware, each in the context of its request, whoever calls `next`.
 * Where that middleware is not registered on the application itself, it calls `next`.
 *
 * koa-compose copies the application's list when the server starts, so changing the list has no effect on it.
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
  // A router in front that has it too calls it first, and what is behind it there comes next.
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
  // In place: `@koa/router` composes the middleware of its layers for each request.
  for (const stack of routeStacks(original)) stack.splice(0, stack.length, ...stack.map(wrapMiddleware));
  const wrapper: KoaMiddleware = (ctx, next) => runBound(ctx.req, () => original(ctx, next));
  wrapped.add(wrapper);
  // `@koa/router` and others write properties on a middleware, and read them later.
  return Object.assign(wrapper, original);
}

/** The lists of middleware that `@koa/router` shows on its middleware, one for each layer. */
function routeStacks(middleware: KoaMiddleware): KoaMiddleware[][] {
  const { router } = middleware as { router?: Router };
  if (!Array.isArray(router?.stack)) return [];
  return router.stack.map((layer: { readonly stack?: unknown }) => layer.stack).filter(isMiddlewareList);
}

function isMiddlewareList(list: unknown): list is KoaMiddleware[] {
  return Array.isArray(list) && list.every((fn) => typeof fn === 'function');
}

/** The compose of koa 2, which does not show it. */
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
