import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { close, type EchoedRequest, laneOf, listen, useEcho } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { laneHttp } from './index.js';

const { lanes, echo, inLane } = useEcho();
const wrapped = laneHttp(http, lanes);

const name = (): string => lanes.current().name ?? 'baseline';

async function answerTo(request: ClientRequest): Promise<EchoedRequest> {
  const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
  return (await json(response)) as EchoedRequest;
}

/** What the server saw of one call that is made in lane v2. */
const sendInLane = (send: () => ClientRequest): Promise<EchoedRequest> => answerTo(inLane('v2', send));

describe('listeners run in the lane of the caller', () => {
  const EVENTS = ['socket', 'response', 'finish', 'close'];

  test.each(['v3', 'baseline'])('over a connection that v2 opened: %s', async (lane) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const within = <T>(fn: () => T): T => (lane === 'baseline' ? lanes.baseline(fn) : inLane(lane, fn));
    await sendInLane(() => wrapped.get(echo.url, { agent }));
    const seen: string[] = [];
    const note = (what: string) => (): void => void seen.push(`${what} ${name()}`);
    const request = within(() => wrapped.request(echo.url, { agent, method: 'POST' }, note('callback')));
    for (const event of EVENTS) request.on(event, note(event));
    request.on('response', (response) => {
      for (const event of ['data', 'end', 'close']) response.on(event, note(`response ${event}`));
    });
    request.end('body');
    await once(request, 'close');
    expect(request.reusedSocket).toBe(true);
    expect([...new Set(seen.map((line) => line.split(' ').at(-1)))]).toEqual([lane]);
    expect(seen.length).toBe(8);
    agent.destroy();
  });

  test.each(['v3', 'baseline'])('a retry from an error listener: %s', async (lane) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const within = <T>(fn: () => T): T => (lane === 'baseline' ? lanes.baseline(fn) : inLane(lane, fn));
    // v2 holds the only connection; the call that fails waits in the agent's queue for it.
    const first = sendInLane(() => wrapped.get(`${echo.url}/slow?ms=20`, { agent }));
    const retried = new Promise<EchoedRequest>((resolve, reject) => {
      within(() => wrapped.get(`${echo.url}/drop`, { agent })).on('error', () => {
        answerTo(wrapped.get(echo.url, { agent })).then(resolve, reject);
      });
    });
    await first;
    expect(laneOf(await retried)[0]).toBe(lane === 'baseline' ? '' : lane);
    agent.destroy();
  });

  test.each(['v3', 'baseline'])(
    'a response that breaks off, on a connection of another lane: %s',
    async (lane) => {
      const server = http.createServer((_, response) => {
        response.writeHead(200, { 'content-length': '10' }).write('half');
        setImmediate(() => response.socket?.destroy());
      });
      const port = await listen(server);
      const open = (): Socket => inLane('opener', () => connectSocket(port, '127.0.0.1'));
      const seen: string[] = [];
      const note = (what: string) => (): void => void seen.push(`${what} ${name()}`);
      const send = (): ClientRequest =>
        wrapped.get({ port, createConnection: open }, (response) => {
          for (const event of ['data', 'aborted', 'error', 'close']) response.on(event, note(event));
        });
      const request = lane === 'baseline' ? lanes.baseline(send) : inLane(lane, send);
      request.on('error', note('request error')).on('close', note('request close'));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      await new Promise((done) => response.once('close', done));
      expect(seen.toSorted()).toEqual(
        ['aborted', 'close', 'data', 'error', 'request close'].map((event) => `${event} ${lane}`),
      );
      await close(server);
    },
  );

  test('events that an application emits itself, with anything', async () => {
    const request = inLane('v2', () => wrapped.get(echo.url));
    const seen: unknown[] = [];
    const frozen = Object.freeze({});
    for (const event of ['connect', 'upgrade']) request.on(event, (...args: unknown[]) => seen.push(...args));
    request.emit('connect');
    request.emit('upgrade', frozen, 'text');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    for (const event of ['response', 'connect'])
      response.on(event, (...args: unknown[]) => seen.push(...args, name()));
    response.emit('connect');
    response.emit('response', frozen);
    expect(seen).toEqual([frozen, 'text', 'v2', frozen, 'v2']);
    response.resume();
  });

  test('an upgrade, and what its socket brings', async () => {
    const server = http.createServer();
    server.on('upgrade', (request, socket) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`);
      socket.once('data', () => socket.end(String(request.headers.version)));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as { port: number };
    const request = inLane('v2', () =>
      wrapped.get({
        host: '127.0.0.1',
        port,
        headers: { connection: 'upgrade', upgrade: 'x' },
        // Like a pool: the connection belongs to no lane.
        createConnection: () => lanes.baseline(() => connectSocket(port, '127.0.0.1')),
      }),
    );
    const [, socket] = (await once(request, 'upgrade')) as [
      IncomingMessage,
      NodeJS.Socket & NodeJS.ReadableStream,
    ];
    socket.write('go');
    const data = await new Promise((resolve) => socket.on('data', (chunk) => resolve(`${chunk} ${name()}`)));
    expect(data).toBe('v2 v2');
    await close(server);
  });
});
