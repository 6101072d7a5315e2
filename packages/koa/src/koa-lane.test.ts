import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { BASELINE, LanewayAdapterError, type Lanes } from '@laneway/core';
import {
  close,
  contractLanes,
  laneHeaders,
  listen,
  takeTurns,
  openWire,
  sendRaw,
  type Wire,
} from '@laneway/testing';
import type Koa from 'koa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { koaLane } from './index.js';
import { versions } from './versions.fixture.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';

describe.each(versions)('%s', (version, Framework) => {
  let app: Koa;
  let server: Server;
  let wire: Wire;
  let port: number;
  let seen: string[];
  const noted = new EventEmitter();
  const note = (what: string): void => {
    seen.push(`${what} ${name()}`);
    noted.emit('note');
  };
  const notes = async (count: number): Promise<string[]> => {
    while (seen.length < count) await once(noted, 'note');
    return seen;
  };
  beforeEach(() => {
    seen = [];
    app = new Framework();
    app.use(koaLane(lanes));
    app.on('error', (error: Error) => note(`app error: ${error.message}`));
  });
  afterEach(async () => {
    wire.close();
    await close(server);
  });
  /** Starts the server in a lane that no request may run in. */
  const start = async (): Promise<void> => {
    const listener = app.callback();
    server = createServer((request, response) => void listener(request, response));
    port = await lanes.run(BASELINE.set('version', 'starter'), () => listen(server));
    wire = openWire(port);
  };
  const sendThree = async (expected: string): Promise<void> => {
    for (const lane of ['v2', 'baseline', 'v3']) {
      seen = [];
      expect(await wire.send(lane === 'baseline' ? {} : laneHeaders(lane), ['a', 'b'])).toBe(expected);
      expect(new Set(seen.map((line) => line.split(' ').at(-1)))).toEqual(new Set([lane]));
    }
  };

  test('a stream as the body: its source is read in the lane', async () => {
    app.use((ctx) => {
      let left = 3;
      ctx.body = new Readable({
        read() {
          note('read');
          setTimeout(() => this.push(left-- > 0 ? 'x' : null), 1);
        },
        destroy(error, done) {
          note('destroy');
          done(error);
        },
      });
    });
    await start();
    await sendThree('xxx');
  });

  test('a generator as the body, through a transformation', async () => {
    const produce = async function* (): AsyncGenerator<string> {
      for (let i = 0; i < 3; i++) {
        note('generator');
        await takeTurns(i);
        yield 'x';
      }
      note('generator ends');
    };
    app.use(async (ctx, next) => {
      await next();
      if (ctx.get('x-zip') !== '') ctx.body = (ctx.body as Readable).pipe(createGzip());
    });
    app.use((ctx) => {
      ctx.body = Readable.from(produce());
    });
    await start();
    await sendThree('xxx');
    seen = [];
    expect(await wire.send({ ...laneHeaders('v4'), 'x-zip': '1' })).not.toBe('');
    expect(new Set(seen)).toEqual(new Set(['generator v4', 'generator ends v4']));
  });

  test('a stream that timers write to', async () => {
    app.use((ctx) => {
      const stream = new PassThrough();
      let left = 3;
      const timer = setInterval(() => {
        note('write');
        if (left-- > 0) return void stream.write('x');
        clearInterval(timer);
        stream.end();
      }, 1);
      stream.on('end', () => note('end'));
      ctx.res.on('finish', () => note('finish'));
      ctx.body = stream;
    });
    await start();
    await sendThree('xxx');
  });

  test.runIf(version.startsWith('koa 3'))(
    'a web stream as the body: its source is read in the lane',
    async () => {
      app.use((ctx) => {
        let left = 3;
        ctx.body = new ReadableStream(
          {
            async pull(controller) {
              note('pull');
              await takeTurns(left);
              if (left-- > 0) controller.enqueue(Buffer.from('x'));
              else controller.close();
            },
          },
          { highWaterMark: 0 },
        );
      });
      await start();
      await sendThree('xxx');
    },
  );

  test("app.on('error') receives an error in the lane of the request that threw it", async () => {
    app.use(async (ctx, next) => {
      if (ctx.path === '/at-once') throw new Error('at once');
      await takeTurns(3);
      if (ctx.path === '/later') ctx.throw(400, 'later');
      return next();
    });
    app.use((ctx) => {
      if (ctx.path === '/stream')
        ctx.body = new Readable({
          read() {
            this.destroy(new Error('in the stream'));
          },
        });
      else throw Object.assign(new Error('below'), { status: 409 });
    });
    await start();
    for (const lane of ['v2', 'baseline']) {
      for (const [path, message] of [
        ['/at-once', 'at once'],
        ['/later', 'later'],
        ['/below', 'below'],
        ['/stream', 'in the stream'],
      ] as const) {
        seen = [];
        await wire.send(lane === 'baseline' ? {} : laneHeaders(lane), undefined, path).catch(() => {});
        expect(new Set(await notes(1))).toEqual(new Set([`app error: ${message} ${lane}`]));
      }
    }
  });

  test('a web stream as the body: type and length do not change', async () => {
    const createStream = (): ReadableStream =>
      new ReadableStream({ start: (controller) => controller.close() });
    app.use((ctx) => {
      ctx.body = createStream();
      if (ctx.path === '/none') ctx.remove('content-type');
      else ctx.type = 'text/css';
    });
    await start();
    const typeOf = async (path: string): Promise<string | null> =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { method: 'HEAD' })).headers.get('content-type');
    expect(await typeOf('/none')).toBeNull();
    expect(await typeOf('/css')).toBe('text/css; charset=utf-8');
  });

  test('ctx.respond = false: the code writes the response itself', async () => {
    app.use((ctx) => {
      ctx.respond = false;
      ctx.res.statusCode = 200;
      ctx.res.on('close', () => note('close'));
      setTimeout(() => ctx.res.end(name()), 1);
    });
    await start();
    expect(await wire.send(laneHeaders('v2'))).toBe('v2');
    expect(await wire.send({})).toBe('baseline');
    expect(await notes(2)).toEqual(['close v2', 'close baseline']);
  });

  test('pipelined requests on one connection, answered out of order', async () => {
    let release = (): void => {};
    const last = new Promise<void>((done) => (release = done));
    app.use(async (ctx, next) => {
      // The last request resolves this promise. Each request must continue in its own lane, not in that of the last one.
      if (ctx.path === '/last') release();
      else await last;
      return next();
    });
    app.use((ctx) => {
      ctx.body = `[${name()}]`;
    });
    await start();
    const get = (path: string, lane: string, end = ''): string =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${lane}${end}\r\n`;
    const answer = await sendRaw(
      port,
      get('/', 'version: v2\r\n') +
        get('/', '') +
        get('/', 'version: v3\r\n') +
        get('/last', 'version: v4\r\n', 'Connection: close\r\n'),
    );
    expect(answer.match(/\[.*?\]/g)).toEqual(['[v2]', '[baseline]', '[v3]', '[v4]']);
  });

  test.each(['v2', 'baseline'])('an aborted upload, %s', async (lane) => {
    app.use(async (ctx) => {
      ctx.req.on('close', () => note('close'));
      for await (const _chunk of ctx.req) note('data');
    });
    await start();
    const socket = connect(port, '127.0.0.1');
    const header = lane === 'baseline' ? '' : `version: ${lane}\r\n`;
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n${header}\r\nabc`);
    await notes(1);
    socket.destroy();
    // The messages of these errors come from Node and differ between its versions, so they are removed.
    const found = async (): Promise<Set<string>> =>
      new Set((await notes(seen.length + 1)).map((line) => line.replace(/:.* /, ' ')));
    let last = await found();
    while (last.size < 3) last = await found();
    expect(last).toEqual(new Set([`data ${lane}`, `close ${lane}`, `app error ${lane}`]));
  });
});

test('throws when it receives something that is not lanes', () => {
  expect(() => koaLane({ key: 'version' } as never)).toThrow(LanewayAdapterError);
});
