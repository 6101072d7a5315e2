import type { IncomingMessage, ServerResponse } from 'node:http';

/** The parts of koa's context that Laneway uses. Structural, so that it fits every version and does not fix the type of the context. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly app: object & { readonly middleware?: unknown };
  body: unknown;
  onerror: (error: Error) => void;
}

/** Koa middleware. */
export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;
