import { type Lanes, lanesFor } from '@laneway/core';
import { bindStream, enterRequest } from '@laneway/node-http';
import type { KoaContext, KoaMiddleware } from './koa-types.js';
import { createLaterRunner } from './later-middleware.js';

// The contexts that a koaLane has met: what comes behind a second one is in the lane already.
const met = new WeakSet<KoaContext>();

/**
 * Middleware that runs the rest of the request in its lane. Put it first.
 *
 * @param lanes @default the default lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is not what `defineLanes` returns
 * @example
 * app.use(koaLane(lanes));
 */
export function koaLane(lanes?: Lanes): KoaMiddleware {
  const own = lanesFor('koaLane', lanes);
  const middleware: KoaMiddleware = withoutSpan((ctx, next) =>
    enterRequest(own, ctx.req, ctx.res, async () => {
      if (met.has(ctx)) return void (await next());
      met.add(ctx);
      // Koa answers and handles errors behind the first middleware, where no lane is left.
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a method that koa calls
      ctx.onerror = own.bind(ctx.onerror);
      await runLater(ctx, next);
      bindBody(own, ctx);
    }),
  );
  const runLater = createLaterRunner(middleware);
  return middleware;
}

/**
 * OpenTelemetry's koa instrumentation wraps each middleware that it has not marked, and koaLane would then not be found in the
 * application's list. An internal of that instrumentation: where it is not as expected, koaLane is wrapped.
 */
function withoutSpan(middleware: KoaMiddleware): KoaMiddleware {
  return new Proxy(middleware, {
    get: (target, key) =>
      typeof key === 'symbol' && key.description === 'koa-layer-patched' ? true : Reflect.get(target, key),
  });
}

function bindBody(lanes: Lanes, ctx: KoaContext): void {
  const { body } = ctx;
  if (typeof body !== 'object' || body === null) return;
  if (body instanceof ReadableStream && !body.locked) replaceBody(ctx, bindStream(body));
  else if ('pipe' in body && typeof body.pipe === 'function') {
    const pipe = body.pipe as (...args: unknown[]) => unknown;
    Reflect.set(body, 'pipe', lanes.bind(pipe));
  }
}

/** Koa guesses a type and a length for a body that is set; those of the answer stay as the application left them. */
function replaceBody(ctx: KoaContext, body: unknown): void {
  const { res } = ctx;
  const left = ['content-type', 'content-length'].map((name) => [name, res.getHeader(name)] as const);
  ctx.body = body;
  if (res.headersSent) return;
  for (const [name, value] of left) {
    if (value === undefined) res.removeHeader(name);
    else res.setHeader(name, value);
  }
}
