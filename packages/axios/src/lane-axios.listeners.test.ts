import http from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { close, contractLanes, laneHeaders, listen } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from './clients.contract.js';
import { laneAxios } from './index.js';

const lanes = contractLanes();
const inLane = <T>(name: string, fn: () => T): T =>
  name === 'baseline' ? lanes.baseline(fn) : lanes.run(lanes.capture(laneHeaders(name)), fn);

/** Sends a complete response, half of one, or none. */
const server = http.createServer((request, response) => {
  if (request.url === '/drop') return void request.socket.destroy();
  response.writeHead(200, { 'content-length': '100000' }).write('x'.repeat(50_000));
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

describe.each(clients)('$name', ({ axios: original }) => {
  const httpAgent = pooled();
  const axios = laneAxios(original.create({ httpAgent }), lanes);
  afterAll(() => httpAgent.destroy());
  const url = (path: string): string => `http://127.0.0.1:${port}${path}`;

  describe.each(['v2', 'baseline'])('in %s', (lane) => {
    test.each([
      ['/whole', {}, ['data', 'end']],
      ['/half', {}, ['data', 'error']],
      ['/half', { maxRedirects: 0 }, ['data', 'error']],
      ['/drop', {}, ['catch']],
    ])('a stream as the response: %s %o', async (path, more, events) => {
      const seen: string[] = [];
      const note = (what: string) => (): unknown =>
        seen.push(`${what} ${lanes.current().name ?? 'baseline'}`);
      await inLane(lane, async () => {
        const response = await axios.get(url(path), { responseType: 'stream', ...more }).catch(note('catch'));
        const stream = (response as { data?: Readable }).data;
        if (stream === undefined) return;
        const done = new Promise((resolve) => stream.once('end', resolve).once('error', resolve));
        // Another lane adds this listener.
        lanes.baseline(() => {
          for (const event of ['data', 'end', 'error', 'aborted']) stream.on(event, note(event));
        });
        await done;
      });
      expect([...new Set(seen.map((line) => line.split(' ').at(-1)))]).toEqual([lane]);
      expect(seen.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(events));
    });

    test('the callbacks of axios', async () => {
      const seen: (string | undefined)[] = [];
      const note = (): unknown => seen.push(lanes.current().name ?? 'baseline');
      const call = (path: string): Promise<unknown> =>
        axios.post(url(path), 'x'.repeat(1000), {
          validateStatus: () => Boolean(note()),
          transformRequest: [(data: unknown) => (note(), data)],
          transformResponse: [(data: unknown) => (note(), data)],
          onDownloadProgress: note,
          onUploadProgress: note,
        });
      await inLane(lane, async () => {
        await call('/whole');
        await call('/half').catch(note);
        await call('/drop').catch(note);
      });
      expect([...new Set(seen)]).toEqual([lane]);
      expect(seen.length).toBeGreaterThan(6);
    });
  });
});
