import { connect } from 'node:net';
import { BASELINE, defineLanes } from '@laneway/core';
import { laneHeaders, takeTurns, sendRaw } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { honoLane } from './index.js';
import { type HonoParts, lanes, name, Scene } from './scene.fixture.js';

/** Tests of bodies, errors, connections and untrusted senders. */
export function requestTests(title: string, parts: HonoParts): void {
  describe(title, () => {
    const scene = new Scene(parts);

    test('bodies in many pieces, read with every method', async () => {
      const read = { text: 'text', json: 'json', buffer: 'arrayBuffer', form: 'parseBody' } as const;
      for (const [path, how] of Object.entries(read))
        scene.app.post(`/${path}`, async (c) => {
          const body: unknown = await c.req[how as 'text']();
          scene.note('read');
          return c.text(body instanceof ArrayBuffer ? Buffer.from(body).toString() : JSON.stringify(body));
        });
      scene.app.post('/raw', async (c) => {
        for await (const _chunk of c.req.raw.body as never as AsyncIterable<unknown>) scene.note('chunk');
        return c.text('raw');
      });
      await scene.start();
      const body = JSON.stringify('x'.repeat(50_000));
      const pieces = [body.slice(0, 20), body.slice(20, 40_000), body.slice(40_000)];
      const form = [
        '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
        'x'.repeat(40_000),
        '\r\n--b--\r\n',
      ];
      for (const lane of ['v2', 'baseline', 'v3']) {
        const headers = lane === 'baseline' ? {} : laneHeaders(lane);
        expect(await scene.wire.send(headers, pieces, '/text')).toBe(JSON.stringify(body));
        expect(await scene.wire.send(headers, pieces, '/json')).toBe(body);
        expect(await scene.wire.send(headers, pieces, '/buffer')).toBe(body);
        expect(await scene.wire.send(headers, pieces, '/raw')).toBe('raw');
        const type = { 'content-type': 'multipart/form-data; boundary=b' };
        expect(await scene.wire.send({ ...headers, ...type }, form, '/form')).toBe(
          `{"a":"${'x'.repeat(40_000)}"}`,
        );
        expect(new Set(scene.seen.splice(0))).toEqual(new Set([`read ${lane}`, `chunk ${lane}`]));
      }
    });

    test('onError, HTTPException and notFound', async () => {
      scene.app.onError((error, c) => {
        scene.note(`onError ${error.message}`);
        return error instanceof parts.HTTPException ? error.getResponse() : c.text('failed', 500);
      });
      scene.app.notFound((c) => {
        scene.note('notFound');
        return c.text('nothing here', 404);
      });
      scene.app.post('/error', async () => {
        await takeTurns(1);
        throw new Error('plain');
      });
      scene.app.post('/exception', () => {
        throw new parts.HTTPException(409, { message: 'conflict' });
      });
      await scene.start();
      await scene.sendThree('failed', '/error');
      await scene.sendThree('conflict', '/exception');
      await scene.sendThree('nothing here', '/nowhere');
    });

    test('the abort signal of a request whose client disconnects', async () => {
      scene.app.post('/', async (c) => {
        c.req.raw.signal.addEventListener('abort', () => scene.note('abort'));
        scene.note('handler');
        await c.req.text().catch(() => scene.note('failed'));
        return c.text('never read');
      });
      await scene.start();
      for (const lane of ['v2', 'baseline']) {
        const header = lane === 'baseline' ? '' : `version: ${lane}\r\n`;
        const socket = connect(scene.port, '127.0.0.1');
        socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n${header}\r\nabc`);
        expect(await scene.notes(1)).toEqual([`handler ${lane}`]);
        socket.destroy();
        expect((await scene.notes(2)).toSorted()).toEqual([`abort ${lane}`, `failed ${lane}`]);
      }
    });

    test('pipelined requests on one connection, answered out of order', async () => {
      let release = (): void => {};
      const last = new Promise<void>((done) => (release = done));
      scene.app.use(async (c, next) => {
        // The last request resolves this promise. Each request must continue in its own lane, not in that of the last one.
        if (c.req.path === '/last') release();
        else await last;
        await next();
      });
      scene.app.get('*', (c) => c.text(`[${name()}]`));
      await scene.start();
      const get = (path: string, lane: string, end = ''): string =>
        `GET ${path} HTTP/1.1\r\nHost: x\r\n${lane}${end}\r\n`;
      const answer = await sendRaw(
        scene.port,
        get('/', 'version: v2\r\n') +
          get('/', '') +
          get('/', 'version: v3\r\n') +
          get('/last', 'version: v4\r\n', 'Connection: close\r\n'),
      );
      expect(answer.match(/\[.*?\]/g)).toEqual(['[v2]', '[baseline]', '[v3]', '[v4]']);
    });

    test.each(['registered first', 'registered after middleware that reads the headers'])(
      'the lane headers of an untrusted sender are removed, %s',
      async (place) => {
        const strict = defineLanes({ ...lanes.policy, trust: 'none' });
        scene.app = new parts.Hono();
        if (place !== 'registered first')
          scene.app.use(async (c, next) => {
            scene.seen.push(`before ${c.req.header('version')}`);
            await next();
          });
        scene.app.use(honoLane(strict));
        scene.app.get('/', (c) =>
          c.json({
            names: [c.req.header('version'), c.req.header('baggage'), c.req.header('x-own')],
            all: Object.keys(c.req.header()).filter((key) => key in laneHeaders('v2') || key === 'x-own'),
            raw: [...c.req.raw.headers.keys()].filter((key) => key in laneHeaders('v2')),
            copied: new Request(c.req.raw).headers.get('version'),
            lane: strict.current() === BASELINE,
          }),
        );
        await scene.start();
        const answer = await scene.wire.send({ ...laneHeaders('v2'), 'x-own': '1' });
        expect(JSON.parse(answer)).toEqual({
          names: [null, null, '1'],
          all: ['x-own'],
          raw: [],
          copied: null,
          lane: true,
        });
        expect(scene.seen).toEqual(place === 'registered first' ? [] : ['before v2']);
      },
    );
  });
}
