import http from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { close, contractLanes, laneHeaders, listen } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from './clients.contract.js';
import { laneSuperagent } from './index.js';

const lanes = contractLanes();
const inLane = <T>(name: string, fn: () => T): T =>
  name === 'baseline' ? lanes.baseline(fn) : lanes.run(lanes.capture(laneHeaders(name)), fn);

/** Sends a complete response, a redirect, half a response, a late one, or none. */
const server = http.createServer((request, response) => {
  if (request.url === '/drop') return void request.socket.destroy();
  if (request.url === '/late') return void setTimeout(() => response.end(), 200);
  if (request.url === '/redirect') return void response.writeHead(302, { location: '/whole' }).end();
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': '100000' });
  response.write('x'.repeat(50_000));
  if (request.url === '/half') setImmediate(() => request.socket.destroy());
  else response.end('x'.repeat(50_000));
});
let port: number;
beforeAll(async () => {
  port = await listen(server);
});
afterAll(() => close(server));

/** An agent whose connections another lane opens, as in a pool that opens them ahead of time. */
function pooled(): http.Agent {
  const open = (): Socket => inLane('opener', () => connectSocket(port, '127.0.0.1'));
  return Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), { createConnection: open });
}

describe.each(clients)('$name', ({ superagent }) => {
  const request = laneSuperagent(superagent, lanes);
  const agent = pooled();
  afterAll(() => agent.destroy());
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`;

  describe.each(['v2', 'baseline'])('in %s', (lane) => {
    test.each([
      ['/whole', ['response', 'end', 'callback']],
      ['/redirect', ['redirect', 'response', 'end', 'callback']],
      ['/half', ['error', 'callback']],
      ['/drop', ['retry', 'error', 'callback']],
      ['/late', ['retry', 'abort', 'error', 'callback']],
    ])('events and callbacks: %s', async (path, events) => {
      const seen: string[] = [];
      const note = (what: string): unknown => seen.push(`${what} ${lanes.current().name ?? 'baseline'}`);
      await new Promise<void>((done) => {
        inLane(lane, () => {
          const pending = request.get(url(path)).agent(agent).timeout({ response: 50 });
          pending.retry(1, () => void note('retry'));
          for (const event of ['request', 'redirect', 'response', 'end', 'error', 'abort'])
            pending.on(event, () => void note(event));
          pending.end(() => {
            note('callback');
            done();
          });
        });
      });
      expect([...new Set(seen.map((line) => line.split(' ').at(-1)))]).toEqual([lane]);
      expect(seen.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(events));
    });

    test('an abort by code in another lane', async () => {
      const seen: string[] = [];
      const pending = inLane(lane, () => request.get(url('/late')).agent(agent));
      const aborted = new Promise<void>((done) => {
        pending.on('abort', () => {
          seen.push(lanes.current().name ?? 'baseline');
          done();
        });
      });
      pending.end(() => {});
      inLane('other', () => pending.abort());
      await aborted;
      expect(seen).toEqual([lane]);
    });

    test('the stream that a request is piped to', async () => {
      const seen: string[] = [];
      const stream = inLane(lane, () => request.get(url('/redirect')).agent(agent).pipe(new PassThrough()));
      stream.on('data', () => void seen.push(lanes.current().name ?? 'baseline'));
      await new Promise((done) => void stream.once('end', done));
      expect([...new Set(seen)]).toEqual([lane]);
    });
  });
});
