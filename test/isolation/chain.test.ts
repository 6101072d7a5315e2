import http from 'node:http';
import { createRequire } from 'node:module';
import { expressLane } from '@laneway/express';
import { laneFetch } from '@laneway/fetch';
import { laneHttp, nodeHttpLane } from '@laneway/node-http';
import { socketIoLane } from '@laneway/socket.io';
import { close, contractLanes, laneHeaders, listen, takeTurns } from '@laneway/testing';
import express from 'express';
import express4 from 'express-4';
import { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { afterEach, expect, test } from 'vitest';

const LANES = 200;
const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const nodeFetch = createRequire(import.meta.url)('node-fetch-2') as typeof globalThis.fetch;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(server: http.Server): Promise<string> {
  const port = await listen(server);
  ends.push(() => close(server));
  return `http://127.0.0.1:${port}`;
}

/** Returns the lane of the code before and after it waits and calls the next service. */
async function pass(seed: number, next: (seed: number) => Promise<string>): Promise<string> {
  const before = name();
  await takeTurns(seed);
  const rest = await next(seed);
  await takeTurns(seed + 1);
  return before === name() ? `${before} ${rest}` : `${before}, then ${name()} ${rest}`;
}

test(`${LANES} lanes at once through socket.io, express 5, express 4 and node:http: no wrong lane at any hop`, async () => {
  // node:http, the last service: returns the headers that it received and its lane.
  const last = await start(
    nodeHttpLane(
      http.createServer((request, response) => {
        const seed = Number(new URL(request.url ?? '', 'http://last').searchParams.get('seed'));
        void pass(seed, () => Promise.resolve(String(request.headers.version ?? 'baseline'))).then((text) =>
          response.end(text),
        );
      }),
      lanes,
    ),
  );

  // express 4: calls the last service with http.get, over few connections.
  const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
  ends.push(() => agent.destroy());
  const { get } = laneHttp(http, lanes);
  const app4 = express4();
  app4.use(expressLane(lanes));
  app4.get('/', (request, response, next) => {
    const call = (seed: number): Promise<string> =>
      new Promise((resolve, reject) => {
        get(`${last}/?seed=${seed}`, { agent }, (answer) => {
          const chunks: string[] = [name()];
          answer.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk, name()));
          answer.on('end', () => resolve([...new Set([...chunks, name()])].join(' ')));
        }).on('error', reject);
      });
    pass(Number(request.query.seed), call).then((text) => response.send(text), next);
  });
  const fourth = await start(http.createServer(app4));

  // express 5: parses a body and calls express 4 with node-fetch.
  const fetch2 = laneFetch(nodeFetch, lanes);
  const app5 = express();
  app5.use(expressLane(lanes), express.text());
  app5.post('/', async (request, response) => {
    const seed = Number(request.body);
    response.send(await pass(seed, async () => (await fetch2(`${fourth}/?seed=${seed}`)).text()));
  });
  const fifth = await start(http.createServer(app5));

  // socket.io: calls express 5 with Node's fetch.
  const fetch = laneFetch(globalThis.fetch, lanes);
  const server = http.createServer();
  const io = new Server(server, { perMessageDeflate: { threshold: 0 } });
  io.use(socketIoLane(lanes));
  io.on('connection', (socket) => {
    socket.on('work', async (seed: number, answer: (text: string) => void) => {
      const call = async (): Promise<string> =>
        (await fetch(fifth, { method: 'POST', body: String(seed) })).text();
      answer(await pass(seed, call));
    });
  });
  const first = await start(server);
  ends.push(() => io.close());

  const expected = Array.from({ length: LANES }, (_, index) => (index % 5 === 0 ? 'baseline' : `v${index}`));
  const clients = await Promise.all(
    expected.map(async (lane, index): Promise<Socket> => {
      const client = connect(first, {
        transports: index % 2 === 0 ? ['websocket'] : ['polling', 'websocket'],
        extraHeaders: lane === 'baseline' ? {} : laneHeaders(lane),
        forceNew: true,
      });
      ends.push(() => client.close());
      await new Promise((resolve) => client.once('connect', () => resolve(undefined)));
      return client;
    }),
  );
  const answers = await Promise.all(
    clients.map((client, index) => client.timeout(15_000).emitWithAck('work', index) as Promise<string>),
  );
  expect(answers.map((text) => [...new Set(text.split(' '))].join(' '))).toEqual(expected);
});
