import { close, listen } from '@laneway/testing';
import { wsLane } from '@laneway/ws';
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client';
import { initTRPC } from '@trpc/server';
import { applyWSSHandler } from '@trpc/server/adapters/ws';
import { observable } from '@trpc/server/observable';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { lanes, name, see, testStand } from './lane-count.js';
import { DEFLATE, withHeaders } from './text-client.js';

const t = initTRPC.context<{ readonly connected: string }>().create();
const procedure = t.procedure
  .input((seed: unknown) => Number(seed))
  .use(async ({ next }) => next({ ctx: { middleware: name() } }));
const router = t.router({
  query: procedure.query(async ({ ctx, input }) => [ctx.connected, ctx.middleware, await see(input)]),
  mutation: procedure.mutation(async ({ ctx, input }) => [ctx.middleware, await see(input)]),
  generator: procedure.subscription(async function* ({ input }) {
    for (let i = 0; i < 3; i++) yield await see(input + i);
  }),
  observable: procedure.subscription(({ input }) =>
    observable<string>((observer) => {
      const first = name();
      const send = async (): Promise<void> => {
        observer.next(first);
        observer.next(await see(input));
        observer.complete();
      };
      void send();
    }),
  ),
});

testStand('tRPC over ws', async (isOurs) => {
  const http = createServer();
  const wss = new WebSocketServer({ server: http, perMessageDeflate: DEFLATE });
  if (isOurs) wsLane(wss, lanes);
  applyWSSHandler({ wss, router, createContext: () => ({ connected: name() }) });
  const port = await listen(http);
  return {
    async connect(headers) {
      const socket = createWSClient({
        url: `ws://127.0.0.1:${port}`,
        WebSocket: withHeaders(headers) as never,
      });
      const client = createTRPCClient<typeof router>({ links: [wsLink({ client: socket })] });
      const read = (subscription: 'generator' | 'observable', seed: number): Promise<string[]> =>
        new Promise((resolve, reject) => {
          const seen: string[] = [];
          client[subscription].subscribe(seed, {
            onData: (data) => void seen.push(data),
            onComplete: () => resolve(seen),
            onError: reject,
          });
        });
      return {
        async ask(seed) {
          const seen = await Promise.all([
            client.query.query(seed),
            client.mutation.mutate(seed),
            read('generator', seed),
            read('observable', seed),
          ]);
          return seen.flat();
        },
        close: () => socket.close(),
      };
    },
    async close() {
      for (const socket of wss.clients) socket.terminate();
      wss.close();
      await close(http);
    },
  };
});
