import { close, laneHeaders, listen } from '@laneway/testing';
import { wsLane } from '@laneway/ws';
import type * as graphql from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { EventEmitter, on, once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { afterAll, expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { lanes, name, see, testStand } from './lane-count.js';
import { DEFLATE, withHeaders } from './text-client.js';

// vitest would load graphql's other build, whose schemas graphql-ws rejects.
const { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString } = createRequire(import.meta.url)(
  'graphql',
) as typeof graphql;

const text = GraphQLString;
const args = { seed: { type: GraphQLInt } };

/** A server's code: `emitter` emits in the lane of another unit of work. */
function createSchema(emitter: EventEmitter): graphql.GraphQLSchema {
  const ended = new Map<number, string>();
  const work = { type: text, args, resolve: (_root: unknown, { seed }: { seed: number }) => see(seed) };
  async function* tick(_root: unknown, { seed }: { seed: number }): AsyncGenerator<{ ticks: string }> {
    try {
      for (let i = 0; ; i++) yield { ticks: await see(seed + i) };
    } finally {
      ended.set(seed, await see(seed));
      emitter.emit(`ended ${seed}`, ended.get(seed));
    }
  }
  return new GraphQLSchema({
    query: new GraphQLObjectType({
      name: 'Query',
      fields: {
        work,
        connected: { type: text, resolve: (_root, _args, { connected }: { connected: string }) => connected },
        ended: {
          ...work,
          resolve: async (_root, { seed }: { seed: number }) => {
            if (!ended.has(seed)) await new Promise((resolve) => emitter.once(`ended ${seed}`, resolve));
            return ended.get(seed);
          },
        },
      },
    }),
    mutation: new GraphQLObjectType({ name: 'Mutation', fields: { work } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        ticks: { type: text, args, subscribe: tick },
        // Each value comes from a shared emitter, and is resolved for each subscription.
        news: { type: text, args, subscribe: () => on(emitter, 'news'), resolve: work.resolve },
      },
    }),
  });
}

// graphql-ws prints each value of a subscription that it compresses while its client closes the socket.
const print = vi.spyOn(console, 'error').mockImplementation(() => {});
afterAll(() => print.mockRestore());

/** Starts a server. `emitter` tells when the source of a subscription has ended. */
async function startServer(
  isOurs: boolean,
): Promise<{ emitter: EventEmitter; port: number; end: () => Promise<void> }> {
  const emitter = new EventEmitter().setMaxListeners(0);
  const publisher = setInterval(() => emitter.emit('news'), 5);
  const http = createServer();
  const wss = new WebSocketServer({ server: http, perMessageDeflate: DEFLATE });
  if (isOurs) wsLane(wss, lanes);
  useServer({ schema: createSchema(emitter), context: () => ({ connected: name() }) }, wss);
  const port = await listen(http);
  return {
    emitter,
    port,
    async end() {
      clearInterval(publisher);
      for (const socket of wss.clients) socket.terminate();
      wss.close();
      await close(http);
    },
  };
}

const connectClient = (port: number, headers: Record<string, string>): Client =>
  createClient({
    url: `ws://127.0.0.1:${port}`,
    webSocketImpl: withHeaders(headers),
    lazy: false,
    retryAttempts: 0,
  });

testStand('graphql-ws', async (isOurs) => {
  const { port, end } = await startServer(isOurs);
  let last = 0;
  return {
    async connect(headers) {
      const client = connectClient(port, headers);
      const read = async (query: string, count: number): Promise<string[]> => {
        const results: string[] = [];
        for await (const { data } of client.iterate<Record<string, string>>({ query })) {
          results.push(...Object.values(data ?? { missing: 'no data' }));
          if (results.length === count) break;
        }
        return results;
      };
      return {
        async ask() {
          const seed = last++;
          const seen = await Promise.all([
            read(`{ work(seed: ${seed}) connected }`, 2),
            read(`mutation { work(seed: ${seed}) }`, 1),
            read(`subscription { ticks(seed: ${seed}) }`, 3),
            read(`subscription { news(seed: ${seed}) }`, 2),
          ]);
          return [...seen.flat(), ...(await read(`{ ended(seed: ${seed}) }`, 1))];
        },
        close: () => client.dispose(),
      };
    },
    close: end,
  };
});

test('graphql-ws: the source of a subscription whose connection is lost ends in the lane of the connection', async () => {
  const { emitter, port, end } = await startServer(true);
  const seen = await Promise.all(
    ['v1', 'v2', 'v3', 'v4'].map(async (lane, seed) => {
      const ended = once(emitter, `ended ${seed}`);
      const client = connectClient(port, laneHeaders(lane));
      const ticks = client.iterate({ query: `subscription { ticks(seed: ${seed}) }` });
      await ticks.next();
      const lost = ticks.next().catch(() => undefined);
      client.terminate();
      await lost;
      return (await ended)[0] as string;
    }),
  );
  await end();
  expect(seen).toEqual(['v1', 'v2', 'v3', 'v4']);
});
