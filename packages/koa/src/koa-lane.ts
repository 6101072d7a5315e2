import { type Lanes, lanesFor } from '@laneway/core';
import { bindStream, enterRequest } from '@laneway/node-http';
import type { KoaContext, KoaMiddleware } from './koa-types.js';
import { createLaterRunner } from './later-middleware.js';

// The koa contexts that already entered their lane. A second koaLane must not do so again.
const entered = new WeakSet<KoaContext>();

/**
 * Returns middleware that runs the rest of the request in its lane. Register it first.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `lanes` is not what `defineLanes` returns
 * @example
 * app.use(koaLane(lanes));
 */
export function koaLane(lanes?: Lanes): KoaMiddleware {
  const requestLanes = lanesFor('koaLane', lanes);
  const middleware: KoaMiddleware = withoutSpan((ctx, next) =>
    enterRequest(requestLanes, ctx.req, ctx.res, async () => {
      if (entered.has(ctx)) return void (await next());
      entered.add(ctx);
      // Koa calls `onerror` after the first middleware has returned, where the lane is no longer active.
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- koa calls this method
      ctx.onerror = requestLanes.bind(ctx.onerror);
      await runLater(ctx, next);
      bindBody(requestLanes, ctx);
    }),
  );
  const runLater = createLaterRunner(middleware);
  return middleware;
}

/**
 * Returns middleware that OpenTelemetry's koa instrumentation does not wrap. It wraps every middleware without its mark, and koaLane could
 * then not find itself in the application's list. The mark is an internal of that instrumentation. If it changes, koaLane is wrapped,
 * and the limits for wrapped middleware in the README apply.
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

/** Sets `ctx.body` and restores the type and length of the response, because koa changes both when the body is set. */
function replaceBody(ctx: KoaContext, body: unknown): void {
  const { res } = ctx;
  const headers = ['content-type', 'content-length'].map((name) => [name, res.getHeader(name)] as const);
  ctx.body = body;
  if (res.headersSent) return;
  for (const [name, value] of headers) {
    if (value === undefined) res.removeHeader(name);
    else res.setHeader(name, value);
  }
}
