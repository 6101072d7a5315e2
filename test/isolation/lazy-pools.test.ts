import http from 'node:http';
import { laneFetch } from '@laneway/fetch';
import { laneHttp, nodeHttpLane } from '@laneway/node-http';
import { socketIoLane } from '@laneway/socket.io';
import {
  close,
  contractLanes,
  echoServer,
  type EchoServer,
  headerLines,
  laneHeaders,
  listen,
} from '@laneway/testing';
import { Server } from 'socket.io';
import { io as connect } from 'socket.io-client';
import { Agent, fetch as undiciFetch, Pool, RetryAgent } from 'undici';
import { afterEach, expect, test } from 'vitest';

// A server or client that the first request opens must not keep the lane of that request.
const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const inLane = <T>(lane: string | undefined, fn: () => T): T =>
  lane === undefined ? lanes.baseline(fn) : lanes.run(lanes.capture(laneHeaders(lane)), fn);
const ORDER = ['first', 'second', undefined, 'third', undefined];

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function echo(): Promise<EchoServer> {
  const server = await echoServer();
  ends.push(() => server.close());
  return server;
}

function lanesOf(seen: readonly unknown[]): (string | undefined)[] {
  return seen.map((request) => headerLines(request as Parameters<typeof headerLines>[0], 'version')[0]);
}

test('an http server that a handler starts', async () => {
  let inner: http.Server | undefined;
  const outer = nodeHttpLane(
    http.createServer((_request, response) => {
      inner ??= nodeHttpLane(
        http.createServer((_inner, answer) => answer.end(name())),
        lanes,
      );
      const { listening } = inner;
      void (listening ? Promise.resolve((inner.address() as { port: number }).port) : listen(inner)).then(
        (port) => response.end(String(port)),
      );
    }),
    lanes,
  );
  const port = await listen(outer);
  ends.push(
    () => close(outer),
    () => inner && close(inner),
  );
  const ask = async (at: string | number, lane?: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${at}`, { headers: lane === undefined ? {} : laneHeaders(lane) })).text();
  const second = await ask(port, 'opener');
  const seen: string[] = [];
  for (const lane of ORDER) seen.push(await ask(second, lane));
  expect(seen).toEqual(ORDER.map((lane) => lane ?? 'baseline'));
});

test('a socket.io server that a handler starts, disconnected from another lane', async () => {
  const server = http.createServer();
  const io = inLane('opener', () => new Server(server, { pingInterval: 20 }));
  const seen: string[] = [];
  const left = new Promise<void>((resolve) => {
    inLane('opener', () => {
      io.use(socketIoLane(lanes));
      io.on('connection', (socket) => {
        socket.on('work', (answer: (lane: string) => void) => {
          // Handlers that code of another lane adds later.
          inLane('other', () => socket.once('late', (done: (lane: string) => void) => done(name())));
          answer(name());
        });
        socket.on('disconnect', () => {
          seen.push(name());
          if (seen.length === ORDER.length) resolve();
        });
      });
    });
  });
  const port = await inLane('opener', () => listen(server));
  ends.push(() => io.close());
  const answers: unknown[] = [];
  for (const lane of ORDER) {
    const client = connect(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      extraHeaders: lane === undefined ? {} : laneHeaders(lane),
      forceNew: true,
      reconnection: false,
    });
    ends.push(() => client.close());
    answers.push([await client.emitWithAck('work'), await client.emitWithAck('late')].join(' '));
  }
  expect(answers).toEqual(ORDER.map((lane) => `${lane ?? 'baseline'} ${lane ?? 'baseline'}`));
  inLane('other', () => io.disconnectSockets(true));
  await left;
  expect(seen.toSorted()).toEqual(ORDER.map((lane) => lane ?? 'baseline').toSorted());
});

test('an http agent that a handler opens', async () => {
  const { port } = await echo();
  const agent = inLane('opener', () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  ends.push(() => agent.destroy());
  const { get } = laneHttp(http, lanes);
  const contexts: string[] = [];
  const call = (): Promise<unknown> =>
    new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () => {
          contexts.push(name());
          resolve(JSON.parse(text));
        });
      }).on('error', reject);
    });
  const seen = await Promise.all(['opener', ...ORDER].map((lane) => inLane(lane, call)));
  expect(lanesOf(seen)).toEqual(['opener', ...ORDER]);
  expect(contexts.toSorted()).toEqual(['opener', ...ORDER].map((lane) => lane ?? 'baseline').toSorted());
});

test.each(['a pool', 'a retrying pool'])('%s of undici that a handler opens', async (kind) => {
  const { url } = await echo();
  const dispatcher = inLane('opener', () => {
    const pool = new Agent({
      factory: (origin, options) => new Pool(origin, Object.assign(options, { connections: 1 })),
    });
    ends.push(() => pool.close());
    return kind === 'a pool' ? pool : new RetryAgent(pool);
  });
  const call = laneFetch(undiciFetch, lanes);
  const seen = await Promise.all(
    ['opener', ...ORDER].map((lane) => inLane(lane, async () => (await call(url, { dispatcher })).json())),
  );
  expect(lanesOf(seen)).toEqual(['opener', ...ORDER]);
});
