import { close, listen } from '@laneway/testing';
import { wsLane } from '@laneway/ws';
import type * as graphql from 'graphql';
import { createClient } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { EventEmitter, on } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { afterAll, vi } from 'vitest';
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
      emitter.emit(`ended ${seed}`);
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

testStand('graphql-ws', async (isOurs) => {
  const emitter = new EventEmitter().setMaxListeners(0);
  const publisher = setInterval(() => emitter.emit('news'), 5);
  const http = createServer();
  const wss = new WebSocketServer({ server: http, perMessageDeflate: DEFLATE });
  if (isOurs) wsLane(wss, lanes);
  useServer({ schema: createSchema(emitter), context: () => ({ connected: name() }) }, wss);
  const port = await listen(http);
  let last = 0;
  return {
    async connect(headers) {
      const client = createClient({
        url: `ws://127.0.0.1:${port}`,
        webSocketImpl: withHeaders(headers),
        lazy: false,
        retryAttempts: 0,
      });
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
    async close() {
      clearInterval(publisher);
      for (const socket of wss.clients) socket.terminate();
      wss.close();
      await close(http);
    },
  };
});
