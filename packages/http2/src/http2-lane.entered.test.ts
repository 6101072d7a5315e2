import http2, { type ClientHttp2Stream, type ServerHttp2Stream } from 'node:http2';
import { text } from 'node:stream/consumers';
import { defineLanes } from '@laneway/core';
import { contractLanes, laneHeaders } from '@laneway/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { http2Lane } from './index.js';
import { closed, openWire, takeNotes, type Wire } from './wire.fixture.js';

const lanes = contractLanes();
const nameIn = (used = lanes): string => used.current().name ?? 'baseline';
// Calls back in another lane, as a shared connection does that was opened before any request.
const inPool = lanes.run(lanes.capture(laneHeaders('pool')), () => lanes.bind((fn: () => unknown) => fn()));

let wire: Wire;
afterEach(async () => {
  vi.restoreAllMocks();
  await wire.close();
});

describe('two http2Lane with different lanes', () => {
  const others = defineLanes({ key: 'tag', carry: { headers: ['tag'] } });
  const apis: Record<string, (server: http2.Http2Server) => unknown> = {
    stream: (server) =>
      server.on('stream', (stream) => {
        stream.respond({ ':status': 200 });
        stream.end(`${nameIn()} ${nameIn(others)}`);
      }),
    request: (server) =>
      server.on('request', (_request, response) => response.end(`${nameIn()} ${nameIn(others)}`)),
  };

  test.each(Object.entries(apis))(
    '%s: the first one decides, and the process warns',
    async (_api, answer) => {
      const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
      const ignored = defineLanes({ key: 'tag', carry: { headers: ['tag'] } });
      const server = http2Lane(http2Lane(http2.createServer(), lanes), ignored);
      answer(server);
      wire = await openWire(server);
      for (const lane of ['v2', 'v3'])
        expect(await text(wire.post(lane, { tag: 't' }).end())).toBe(`${lane} ${lane}`);
      expect(warn.mock.calls.map(([, options]) => options)).toEqual([
        expect.objectContaining({ code: 'LANEWAY_SECOND_LANES' }),
      ]);
    },
  );
});

test('a push that starts in the context of a shared connection is in the lane of its request', async () => {
  const notes = takeNotes(lanes);
  const server = http2Lane(http2.createServer(), lanes);
  const gone: Promise<void>[] = [];
  const pushed = new Promise<void>((done) => {
    server.on('stream', (stream: ServerHttp2Stream) => {
      inPool(() => {
        stream.pushStream({ ':path': '/pushed' }, (_error, push) => {
          gone.push(closed(push));
          notes.noteAll(push, 'push', ['finish', 'close']);
          push.respond({ ':status': 200 });
          push.end('pushed');
          stream.respond({ ':status': 200 });
          stream.end();
          done();
        });
      });
    });
  });
  wire = await openWire(server);
  wire.session.on('stream', (push: ClientHttp2Stream) => push.resume());
  await closed(wire.post('v2').end().resume());
  await pushed;
  await Promise.all(gone);
  expect(notes.seen).toEqual(['push finish v2', 'push close v2']);
});

test('a request whose listeners are called in another context enters its lane', async () => {
  const server = http2Lane(http2.createServer(), lanes);
  const { emit } = server;
  // An agent may emit from the callback of a shared connection.
  server.emit = ((...args: Parameters<typeof emit>) =>
    args[0] === 'request'
      ? inPool(() => Reflect.apply(emit, server, args))
      : Reflect.apply(emit, server, args)) as never;
  server.on('request', (_request, response) => response.end(nameIn()));
  wire = await openWire(server);
  expect(await text(wire.post('v2').end())).toBe('v2');
  expect(await text(wire.post().end())).toBe('baseline');
});
