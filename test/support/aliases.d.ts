// Older supported versions, installed under alias names next to the newest version. For the few calls that the tests make, the types of
// the newest version fit all of them.

declare module 'express-4' {
  import express from 'express';

  export default express;
}

declare module 'express-4-lowest' {
  import express from 'express';

  export default express;
}

declare module 'fastify-4' {
  import fastify from 'fastify';

  export default fastify;
}

declare module 'fastify-4-lowest' {
  import fastify from 'fastify';

  export default fastify;
}

declare module 'fastify-5-lowest' {
  import fastify from 'fastify';

  export default fastify;
}

declare module 'koa-2' {
  import koa from 'koa';

  export default koa;
}

declare module 'koa-2-lowest' {
  import koa from 'koa';

  export default koa;
}

declare module 'koa-3-lowest' {
  import koa from 'koa';

  export default koa;
}

declare module 'hono-lowest' {
  export * from 'hono';
}

declare module 'hono-node-server-1' {
  export * from '@hono/node-server';
}

// This package has no types.
declare module 'koa-bodyparser' {
  import type { Middleware } from 'koa';

  export default function bodyParser(options?: { enableTypes?: string[]; textLimit?: string }): Middleware;
}

declare module 'hono-node-server-1-lowest' {
  export * from '@hono/node-server';
}

declare module 'hono-node-server-2-lowest' {
  export * from '@hono/node-server';
}

declare module 'hono-lowest/streaming' {
  export * from 'hono/streaming';
}

declare module 'hono-lowest/http-exception' {
  export * from 'hono/http-exception';
}
