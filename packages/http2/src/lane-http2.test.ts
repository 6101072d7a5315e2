import { once } from 'node:events';
import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { BASELINE, LanewayAdapterError, type Lanes } from '@laneway/core';
import {
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
  listen,
} from '@laneway/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { http2Echo } from './http2-echo.fixture.js';
import { laneHttp2, laneSession, sessionTarget } from './index.js';
import { closed, type Notes, stop, takeNotes } from './wire.fixture.js';

const lanes = contractLanes();
const wrapped = laneHttp2(http2, lanes);
const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);

let echo: EchoServer;
let session: ClientHttp2Session;
let notes: Notes;
beforeEach(async () => {
  echo = await http2Echo();
  notes = takeNotes(lanes);
  // No request may carry the lane in which the session is opened.
  session = inLane('opener', () => wrapped.connect(echo.url));
  session.on('error', () => {});
});
afterEach(async () => {
  session.destroy();
  await echo.close();
});

const answerTo = async (stream: ClientHttp2Stream): Promise<EchoedRequest> =>
  JSON.parse(await text(stream)) as EchoedRequest;
const laneOf = async (stream: ClientHttp2Stream): Promise<string> =>
  headerLines(await answerTo(stream), 'version').join();

describe('the lane of the code that calls request', () => {
  test('not of the code that connected, while the session is connecting and after', async () => {
    expect(session.connecting).toBe(true);
    const lanesOf = (): Promise<string>[] => [
      inLane('v2', () => laneOf(session.request())),
      laneOf(session.request()),
      inLane('v3', () => laneOf(session.request())),
    ];
    expect(await Promise.all(lanesOf())).toEqual(['v2', '', 'v3']);
    expect(await Promise.all(lanesOf())).toEqual(['v2', '', 'v3']);
  });

  test('of requests that wait, because the server accepts one at a time', async () => {
    const server = http2.createServer({ settings: { maxConcurrentStreams: 1 } });
    let open = 0;
    let most = 0;
    server.on('stream', (stream, headers) => {
      most = Math.max(most, ++open);
      stream.on('close', () => void open--);
      setImmediate(() => {
        stream.respond({ ':status': 200 });
        stream.end(`${String(headers['version'])} ${String(headers['baggage'])}`);
      });
    });
    const port = await listen(server);
    const shared = inLane('opener', () => wrapped.connect(`http://127.0.0.1:${port}`));
    await once(shared, 'remoteSettings');
    const call = async (index: number): Promise<string> => {
      const lane = `v${index % 7}`;
      const body = await inLane(lane, async () => text(shared.request({ ':path': `/${index}` })));
      return body === `${lane} ${laneBaggage(lane)}` ? 'right' : `${lane}: ${body}`;
    };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => call(index)));
    expect(new Set(answers)).toEqual(new Set(['right']));
    expect(most).toBe(1);
    shared.destroy();
    await stop(server);
  });

  test('with a promisified connect, which rejects as in Node', async () => {
    const connect = promisify(wrapped.connect) as unknown as (url: string) => Promise<ClientHttp2Session>;
    const opened = await inLane('opener', () => connect(echo.url));
    expect(await inLane('v2', () => laneOf(opened.request()))).toBe('v2');
    opened.destroy();
    const refused = createUnused();
    await expect(connect(await refused)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('with the lanes of the process, by default', async () => {
    const opened = laneHttp2(http2).connect(echo.url);
    const lane = BASELINE.set('x-lane', 'v9');
    const seen = await lanes.run(lane, () => answerTo(opened.request()));
    expect(headerLines(seen, 'baggage')).toEqual(['x-lane=v9']);
    opened.destroy();
  });
});

describe('events run in the context of the code that called request', () => {
  const EVENTS = ['close', 'data', 'end', 'headers', 'response', 'trailers'];

  test('of a response with trailers, on interleaved streams', async () => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.additionalHeaders({ ':status': 103, link: '</style.css>' });
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ sum: '1' }));
      stream.end('answer');
    });
    const port = await listen(server);
    const shared = inLane('opener', () => wrapped.connect(`http://127.0.0.1:${port}`));
    const call = (): Promise<void> => {
      const stream = shared.request();
      notes.noteAll(stream, 'stream', EVENTS);
      return closed(stream);
    };
    for (let round = 0; round < 2; round++) {
      await Promise.all([inLane('v2', call), call(), inLane('v3', call)]);
      const eventsIn = (lane: string): string[] =>
        notes.seen.filter((line) => line.endsWith(` ${lane}`)).map((line) => line.split(' ')[1] ?? '');
      for (const lane of ['baseline', 'v2', 'v3']) expect(eventsIn(lane).toSorted()).toEqual(EVENTS);
      expect(notes.seen.splice(0)).toHaveLength(18);
    }
    shared.destroy();
    await stop(server);
  });

  test('of a stream that fails, is aborted, times out, or ends with its session', async () => {
    const server = http2.createServer();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      if (headers[':path'] === '/fail') return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
      stream.respond({ ':status': 200 });
      stream.write('begun');
    });
    const port = await listen(server);
    const shared = inLane('opener', () => wrapped.connect(`http://127.0.0.1:${port}`));
    shared.on('error', () => {});
    const open = (path: string, options?: object): ClientHttp2Stream => {
      const stream = shared.request({ ':method': 'POST', ':path': path }, options);
      notes.noteAll(stream, path, ['aborted', 'timeout', 'error', 'close']);
      return stream.resume();
    };
    await closed(inLane('v2', () => open('/fail')));
    const controller = new AbortController();
    const cancelled = inLane('v3', () => open('/abort', { signal: controller.signal }));
    await once(cancelled, 'data');
    controller.abort();
    await closed(cancelled);
    const slow = inLane('v4', () => open('/slow'));
    await once(slow, 'data');
    slow.setTimeout(5);
    await once(slow, 'timeout');
    shared.destroy(new Error('gone'));
    await closed(slow);
    expect(notes.seen).toEqual([
      '/fail aborted v2',
      '/fail error v2',
      '/fail close v2',
      '/abort aborted v3',
      '/abort error v3',
      '/abort close v3',
      '/slow timeout v4',
      '/slow aborted v4',
      '/slow error v4',
      '/slow close v4',
    ]);
    await stop(server);
  });

  test('streams that the server pushes are at the baseline', async () => {
    const server = http2.createServer();
    server.on('stream', (stream) => {
      stream.pushStream({ ':path': '/pushed' }, (_error, pushed) => {
        pushed.respond({ ':status': 200 });
        pushed.end('pushed');
        stream.respond({ ':status': 200 });
        stream.end();
      });
    });
    const port = await listen(server);
    const shared = inLane('opener', () => wrapped.connect(`http://127.0.0.1:${port}`));
    const gone = new Promise<void>((done) => {
      shared.on('stream', (pushed) => {
        notes.note('stream');
        notes.noteAll(pushed, 'pushed', ['push', 'data', 'end', 'close']);
        pushed.on('close', done);
      });
    });
    await inLane('v2', () => closed(shared.request().resume()));
    await gone;
    const events = ['stream', 'pushed push', 'pushed data', 'pushed end', 'pushed close'];
    expect(notes.seen).toEqual(events.map((event) => `${event} baseline`));
    shared.destroy();
    await stop(server);
  });
});

describe('laneSession', () => {
  test('called again, it attaches once, with the last lanes', async () => {
    const other: Lanes = contractLanes();
    const target = sessionTarget(echo.url);
    const plain = http2.connect(echo.url);
    for (const used of [lanes, other, lanes]) expect(laneSession(plain, target, used)).toBe(plain);
    const seen = await inLane('v2', () => answerTo(plain.request()));
    expect(headerLines(seen, 'baggage')).toEqual([laneBaggage('v2')]);
    laneSession(plain, undefined, lanes);
    expect(await inLane('v2', () => laneOf(plain.request()))).toBe('');
    plain.destroy();
  });

  test('throws when it receives something other than the module, or other than lanes', () => {
    expect(() => laneHttp2({} as never, lanes)).toThrow(LanewayAdapterError);
    expect(() => laneHttp2(http2, {} as never)).toThrow(LanewayAdapterError);
  });

  test('the result differs from the module by connect only, and the module is not changed', () => {
    expect(wrapped.constants).toBe(http2.constants);
    expect(wrapped.sensitiveHeaders).toBe(http2.sensitiveHeaders);
    expect(
      Object.hasOwn(
        http2.connect(echo.url).on('error', () => {}),
        'request',
      ),
    ).toBe(false);
  });
});

/** Returns an address without a listener. */
async function createUnused(): Promise<string> {
  const server = http2.createServer();
  const port = await listen(server);
  await stop(server);
  return `http://127.0.0.1:${port}`;
}
