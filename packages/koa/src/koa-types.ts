import type { IncomingMessage, ServerResponse } from 'node:http';

/** What is used of koa's context, by shape: so the middleware fits every version, and does not decide what a context holds. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly app: object & { readonly middleware?: unknown };
  body: unknown;
  onerror: (error: Error) => void;
}

/** A middleware of koa. */
export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;
