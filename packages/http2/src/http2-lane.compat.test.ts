import { once } from 'node:events';
import http2, { type ClientHttp2Stream, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import { connect } from 'node:tls';
import { contractLanes, laneHeaders, listen } from '@laneway/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { selfSigned } from './certificate.fixture.js';
import { http2Lane } from './index.js';
import { closed, type Notes, openWire, stop, takeNotes, type Wire } from './wire.fixture.js';

const lanes = contractLanes();
let server: http2.Http2Server;
let wire: Wire;
let notes: Notes;
beforeEach(async () => {
  server = http2Lane(http2.createServer(), lanes);
  notes = takeNotes(lanes);
  wire = await openWire(server);
});
afterEach(() => wire.close());

type Answer = (request: Http2ServerRequest, response: Http2ServerResponse) => void;
const answer = (event: string, listener: Answer): void => {
  server.on(event, (request: Http2ServerRequest, response: Http2ServerResponse) => {
    notes.note(event);
    listener(request, response);
  });
};

test('events of the request and the response, and of a pushed response', async () => {
  const gone: Promise<void>[] = [];
  answer('request', (request, response) => {
    notes.noteAll(request, 'request', ['data', 'end', 'close']);
    notes.noteAll(response, 'response', ['finish', 'close']);
    gone.push(closed(response), closed(request));
    response.createPushResponse({ ':path': '/pushed' }, (_error, pushed) => {
      notes.noteAll(pushed, 'pushed', ['finish', 'close']);
      gone.push(closed(pushed));
      pushed.end('pushed');
      request.on('end', () => response.end());
    });
  });
  wire.session.on('stream', (pushed: ClientHttp2Stream) => pushed.resume());
  await Promise.all(['v2', undefined, 'v3'].map((lane) => closed(wire.post(lane).end('body').resume())));
  await Promise.all(gone);
  const request = ['request', 'request data', 'request end', 'request close'];
  const all = [...request, 'response finish', 'response close', 'pushed finish', 'pushed close'];
  expect(notes.seen.toSorted()).toEqual(
    all.flatMap((what) => ['baseline', 'v2', 'v3'].map((lane) => `${what} ${lane}`)).toSorted(),
  );
});

test('checkContinue, checkExpectation, connect and aborted', async () => {
  const end: Answer = (_request, response) => void response.end();
  answer('request', end);
  answer('checkExpectation', end);
  answer('connect', end);
  let aborted: Promise<unknown> | undefined;
  answer('checkContinue', (request, response) => {
    notes.noteAll(request, 'request', ['aborted']);
    aborted = once(request, 'aborted');
    response.writeContinue();
    response.write('begun');
  });
  const connectTo = { ':method': 'CONNECT', ':authority': 'a', ...laneHeaders('v4') };
  await closed(wire.session.request(connectTo).end().resume());
  await closed(wire.post('v3', { expect: 'other' }).end().resume());
  const request = wire.post('v2', { expect: '100-continue' });
  await once(request, 'data');
  request.close(http2.constants.NGHTTP2_CANCEL);
  await aborted;
  expect(notes.seen).toEqual(['connect v4', 'checkExpectation v3', 'checkContinue v2', 'request aborted v2']);
});

test('events that other code emits on them run in their lane', async () => {
  answer('request', (request, response) => {
    notes.noteAll(request, 'request', ['custom']);
    notes.noteAll(response, 'response', ['custom']);
    lanes.baseline(() => [request.emit('custom'), response.emit('custom')]);
    response.end();
  });
  await closed(wire.post('v2').end().resume());
  expect(notes.seen).toEqual(['request v2', 'request custom v2', 'response custom v2']);
});

test('an upgrade of HTTP/1 on a server of both protocols, and the events of its socket', async () => {
  const { key, cert } = await selfSigned();
  const both = http2Lane(http2.createSecureServer({ key, cert, allowHTTP1: true }), lanes);
  both.on('upgrade', (_request: unknown, socket: NodeJS.ReadWriteStream) => {
    notes.note('upgrade');
    notes.noteAll(socket, 'socket', ['data', 'close']);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.on('end', () => socket.end());
  });
  const port = await listen(both);
  for (const version of ['version: v2\r\n', '']) {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: cert });
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n${version}\r\n`);
    await once(socket, 'data');
    socket.end('hello');
    await closed(socket.resume());
  }
  await stop(both);
  expect(notes.seen).toEqual(
    ['v2', 'baseline'].flatMap((lane) => [`upgrade ${lane}`, `socket data ${lane}`, `socket close ${lane}`]),
  );
});
