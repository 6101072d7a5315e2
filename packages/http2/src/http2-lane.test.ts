import http2, { type ClientHttp2Stream, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { LanewayAdapterError } from '@laneway/core';
import { contractLanes, laneHeaders } from '@laneway/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { http2Lane } from './index.js';
import { closed, type Notes, openWire, takeNotes, type Wire } from './wire.fixture.js';

const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const LANES = ['v2', undefined, 'v3'];

let server: http2.Http2Server;
let wire: Wire;
let notes: Notes;
beforeEach(async () => {
  server = http2Lane(http2.createServer(), lanes);
  notes = takeNotes(lanes);
  // No stream may run in the lane in which the server is started.
  wire = await lanes.run(lanes.capture(laneHeaders('starter')), () => openWire(server));
});
afterEach(() => wire.close());

describe('events of a stream', () => {
  test('a body in pieces, trailers and the end, of interleaved streams', async () => {
    server.on('stream', (stream) => {
      notes.noteAll(stream, 'stream', ['data', 'trailers', 'end', 'wantTrailers', 'finish', 'close']);
      stream.on('wantTrailers', () => stream.sendTrailers({ sum: '1' }));
      stream.on('end', () => {
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        stream.end();
      });
    });
    const streams = LANES.map((lane) => {
      const headers = { ':method': 'POST', ...(lane && laneHeaders(lane)) };
      const stream = wire.session.request(headers, { waitForTrailers: true });
      return stream.on('wantTrailers', () => stream.sendTrailers({ sum: '1' })).resume();
    });
    for (const piece of ['one', 'two']) {
      for (const stream of streams) await new Promise((done) => void stream.write(piece, done));
    }
    const gone = streams.map(closed);
    for (const stream of streams) stream.end();
    await Promise.all(gone);
    const events = ['close', 'data', 'data', 'end', 'finish', 'trailers', 'wantTrailers'];
    expect(notes.seen.toSorted()).toEqual(
      events.flatMap((event) => ['baseline', 'v2', 'v3'].map((lane) => `stream ${event} ${lane}`)).toSorted(),
    );
  });

  test('a cancelled stream, and the streams of a session that is destroyed', async () => {
    const gone: Promise<void>[] = [];
    server.on('stream', (stream) => {
      gone.push(closed(stream));
      notes.noteAll(stream, 'stream', ['aborted', 'error', 'close']);
      stream.respond({ ':status': 200 });
      stream.write('begun');
    });
    const open = async (lane: string): Promise<ClientHttp2Stream> => {
      const stream = wire.post(lane).on('error', () => {});
      await once(stream, 'data');
      return stream;
    };
    const first = await open('v2');
    await open('v3');
    first.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    await gone[0];
    expect(notes.seen.splice(0)).toEqual(['stream aborted v2', 'stream error v2', 'stream close v2']);
    wire.session.destroy();
    await gone[1];
    expect(notes.seen).toEqual(['stream aborted v3', 'stream close v3']);
  });

  test('timeouts', async () => {
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200 });
      stream.write('begun');
      stream.setTimeout(10, () => {
        notes.note('timeout');
        stream.end();
      });
    });
    await Promise.all(LANES.map((lane) => closed(wire.post(lane).resume())));
    expect(notes.seen.toSorted()).toEqual(['timeout baseline', 'timeout v2', 'timeout v3']);
  });

  test('the streams that it pushes are in its lane', async () => {
    const gone: Promise<void>[] = [];
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
        gone.push(closed(pushed));
        notes.note('pushed');
        notes.noteAll(pushed, 'pushed', ['aborted', 'close']);
        pushed.on('error', () => {});
        pushed.respond({ ':status': 200 });
        pushed.write('begun');
      });
    });
    let arrived = 0;
    wire.session.on('stream', (pushed: ClientHttp2Stream) => {
      pushed.on('error', () => {});
      pushed.once('data', () => {
        arrived += 1;
        if (arrived === LANES.length) wire.session.destroy();
      });
    });
    for (const lane of LANES) wire.post(lane).on('error', () => {});
    await closed(wire.session);
    await Promise.all(gone);
    expect(notes.seen.toSorted()).toEqual(
      ['pushed', 'pushed aborted', 'pushed close']
        .flatMap((what) => ['baseline', 'v2', 'v3'].map((lane) => `${what} ${lane}`))
        .toSorted(),
    );
  });

  test('a failed push has the error of Node', async () => {
    const errors: unknown[] = [];
    server.on('stream', (stream) => {
      try {
        stream.pushStream({}, undefined);
      } catch (error) {
        errors.push((error as NodeJS.ErrnoException).code);
      }
      stream.respond({ ':status': 200 });
      stream.end();
    });
    await closed(wire.post('v2').end().resume());
    expect(errors).toEqual(['ERR_INVALID_ARG_TYPE']);
  });
});

describe('listeners', () => {
  const answer = (stream: ServerHttp2Stream): void => {
    stream.respond({ ':status': 200 });
    stream.end(name());
  };

  test('of the server and of the session, whenever they are added, and after a second http2Lane', async () => {
    const plain = http2.createServer();
    plain.on('stream', () => notes.note('before'));
    plain.on('session', (opened: ServerHttp2Session) => {
      opened.on('stream', () => notes.note('session'));
    });
    http2Lane(http2Lane(plain, lanes), lanes);
    plain.on('stream', () => notes.note('after'));
    plain.on('stream', answer);
    const other = await openWire(plain);
    for (const lane of LANES) await text(other.post(lane).end());
    await other.close();
    expect(notes.seen.toSorted()).toEqual(
      ['after', 'before', 'session'].flatMap((what) =>
        ['baseline', 'v2', 'v3'].map((lane) => `${what} ${lane}`),
      ),
    );
  });

  test('on a session that was opened before', async () => {
    const plain = http2.createServer();
    plain.on('stream', answer);
    const other = await openWire(plain);
    expect(await text(other.post('v2'))).toBe('baseline');
    http2Lane(plain, lanes);
    expect(await text(other.post('v2'))).toBe('v2');
    expect(await text(other.post())).toBe('baseline');
    await other.close();
  });
});

test('throws when it receives something other than a server', () => {
  expect(() => http2Lane(undefined as never)).toThrow(LanewayAdapterError);
});
