import { EventEmitter, once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { BASELINE, LanewayAdapterError, type Lanes } from '@laneway/core';
import { contractLanes, laneHeaders, openWire, sendRaw, type Wire } from '@laneway/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { fastifyLane } from './index.js';
import { versions } from './versions.fixture.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';

describe.each(versions)('%s', (version, framework) => {
  let app: FastifyInstance;
  let wire: Wire | undefined;
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
  const create = (options: object = {}): void => {
    seen = [];
    app = framework({ forceCloseConnections: true, ...options });
    void app.register(fastifyLane(lanes));
  };
  const listen = async (): Promise<number> =>
    Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
  afterEach(async () => {
    wire?.close();
    await app.close();
  });

  test('pipelined requests on one connection, answered out of order', async () => {
    create();
    let release = (): void => {};
    const last = new Promise<void>((done) => (release = done));
    app.addHook('preHandler', async (request) => {
      // The last request resolves this promise. Each request must continue in its own lane, not in that of the last one.
      if (request.url === '/last') release();
      else await last;
    });
    app.get('*', async (request) => `[${name()} ${request.lane.name ?? 'baseline'}]`);
    const port = await listen();
    const get = (path: string, lane: string, close = ''): string =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${lane}${close}\r\n`;
    const answer = await sendRaw(
      port,
      get('/', 'version: v2\r\n') +
        get('/', '') +
        get('/', 'version: v3\r\n') +
        get('/last', 'version: v4\r\n', 'Connection: close\r\n'),
    );
    expect(answer.match(/\[.*?\]/g)).toEqual(['[v2 v2]', '[baseline baseline]', '[v3 v3]', '[v4 v4]']);
  });

  test('reply.hijack: events of the raw response', async () => {
    create();
    app.get('/', (_request, reply) => {
      reply.hijack();
      reply.raw.on('finish', () => note('finish'));
      reply.raw.on('close', () => note('close'));
      setTimeout(() => reply.raw.end(name()), 1);
    });
    wire = openWire(await listen());
    expect(await wire.send(laneHeaders('v2'))).toBe('v2');
    expect(await wire.send({})).toBe('baseline');
    expect(await notes(4)).toEqual(['finish v2', 'close v2', 'finish baseline', 'close baseline']);
  });

  test('onTimeout, although the timer belongs to the connection', async () => {
    create({ connectionTimeout: 20 });
    app.addHook('onTimeout', async () => note('onTimeout'));
    app.get('/', async (request, reply) => {
      reply.raw.on('timeout', () => note('timeout'));
      await once(request.raw.socket, 'timeout');
      return 'late';
    });
    const port = await lanes.run(BASELINE.set('version', 'starter'), listen);
    wire = openWire(port);
    for (const headers of [laneHeaders('v2'), {}, laneHeaders('v3')])
      expect(await wire.send(headers)).toBe('late');
    const expected = ['v2', 'baseline', 'v3'].flatMap((lane) => [`timeout ${lane}`, `onTimeout ${lane}`]);
    expect(seen).toEqual(expected);
  });

  test('an aborted upload', async () => {
    create();
    const hasAbortHook = version !== 'fastify 4, lowest';
    if (hasAbortHook) app.addHook('onRequestAbort', async (_request) => note('onRequestAbort'));
    app.addContentTypeParser('application/x-raw', (_request, payload, done) => {
      payload.on('close', () => note('close'));
      payload.on('error', () => note('error'));
      payload.once('data', () => note('data'));
      done(null);
    });
    app.post('/', (_request, reply) => void reply.hijack());
    const port = await listen();
    for (const header of ['version: v2\r\n', '']) {
      seen = [];
      const socket = connect(port, '127.0.0.1');
      socket.write(
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-raw\r\nContent-Length: 9\r\n${header}\r\nabc`,
      );
      await notes(1);
      socket.destroy();
      const lane = header === '' ? 'baseline' : 'v2';
      const expected = ['close', 'data', 'error', ...(hasAbortHook ? ['onRequestAbort'] : [])];
      expect((await notes(expected.length)).toSorted()).toEqual(expected.map((what) => `${what} ${lane}`));
    }
  });

  test('an upgrade, and later data on its socket', async () => {
    create();
    app.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
      socket.on('data', () => {
        note('data');
        socket.end();
      });
    });
    const port = await listen();
    for (const header of ['version: v2\r\n', '']) {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n${header}\r\n`);
      await once(socket, 'data');
      socket.write('hi');
      socket.resume();
      await once(socket, 'close');
    }
    expect(seen).toEqual(['data v2', 'data baseline']);
  });

  test('an upgrade that is routed through fastify enters its lane once', async () => {
    create();
    const { ServerResponse } = await import('node:http');
    app.get('/', (request, reply) => {
      reply.hijack();
      note(`handler ${request.lane.name}`);
      request.raw.socket.on('data', () => {
        note('data');
        request.raw.socket.end();
      });
      request.raw.socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n',
      );
    });
    app.server.on('upgrade', (request, socket) => {
      const response = new ServerResponse(request);
      response.assignSocket(socket as never);
      (app as unknown as { routing(request: unknown, response: unknown): void }).routing(request, response);
    });
    const port = await listen();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nversion: v2\r\n\r\n');
    await once(socket, 'data');
    socket.write('hi');
    socket.resume();
    await once(socket, 'close');
    expect(seen).toEqual(['handler v2 v2', 'data v2']);
  });

  test('a malformed URL', async () => {
    create({
      frameworkErrors: (error: Error, _request: unknown, reply: { send(body: string): void }) => {
        note('frameworkErrors');
        reply.send(error.message);
      },
    });
    app.get('/:id', async () => 'found');
    wire = openWire(await listen());
    await wire.send(laneHeaders('v2'), undefined, '/%E0%A4%A');
    expect(seen).toEqual(['frameworkErrors v2']);
  });

  test('http2', async () => {
    create({ http2: true });
    app.addHook('preHandler', async () => note('preHandler'));
    app.post('/', async (request, reply) => {
      reply.raw.on('finish', () => note('finish'));
      return `${String(request.body).length} ${request.lane.name ?? 'baseline'} ${name()}`;
    });
    const client = connectHttp2(`http://127.0.0.1:${await listen()}`);
    const send = async (headers: Record<string, string>): Promise<string> => {
      const stream = client.request({ ':method': 'POST', 'content-type': 'text/plain', ...headers });
      stream.write('a'.repeat(70_000));
      setImmediate(() => stream.end('b'));
      return text(stream);
    };
    expect(await Promise.all([send(laneHeaders('v2')), send({}), send(laneHeaders('v3'))])).toEqual([
      '70001 v2 v2',
      '70001 baseline baseline',
      '70001 v3 v3',
    ]);
    client.close();
    expect(new Set(await notes(6))).toEqual(
      new Set(['v2', 'baseline', 'v3'].flatMap((lane) => [`preHandler ${lane}`, `finish ${lane}`])),
    );
  });

  test('request.lane is the lane of the request, also when it is read in another lane', async () => {
    create();
    let kept: { readonly lane: unknown } | undefined;
    app.get('/', async (request) => {
      kept = request;
      const elsewhere = lanes.run(BASELINE.set('version', 'v9'), () => request.lane.name);
      return `${lanes.baseline(() => request.lane.name)} ${elsewhere}`;
    });
    wire = openWire(await listen());
    expect(await wire.send(laneHeaders('v2'))).toBe('v2 v2');
    expect(kept?.lane).toMatchObject({ name: 'v2' });
    expect(await wire.send({})).toBe('undefined undefined');
    expect(kept?.lane).toBe(BASELINE);
    expect(lanes.current()).toBe(BASELINE);
  });
});

test('throws when it receives something that is not lanes', () => {
  expect(() => fastifyLane({ key: 'version' } as never)).toThrow(LanewayAdapterError);
});
