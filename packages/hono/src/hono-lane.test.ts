import { BASELINE, defineLanes, LanewayAdapterError, type Lanes } from '@laneway/core';
import { contractLanes, laneHeaders, takeTurns } from '@laneway/testing';
import { context, propagation } from '@opentelemetry/api';
import { type Context, Hono } from 'hono';
import { Hono as HonoLowest } from 'hono-lowest';
import { describe, expect, test, vi } from 'vitest';
import { honoLane } from './index.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';

describe.each([
  ['hono', Hono],
  ['hono, lowest', HonoLowest],
])('%s, without a server', (_name, Framework) => {
  test('app.request: the handler runs in the lane of the request', async () => {
    const app = new Framework();
    app.use(honoLane(lanes));
    app.post('/', async (c) => c.text(`${(await c.req.text()).length} ${name()}`));
    const send = async (headers: Record<string, string>): Promise<string> =>
      (await app.request('/', { method: 'POST', headers, body: 'abc' })).text();
    const answers = await lanes.run(BASELINE.set('version', 'outer'), () =>
      Promise.all([send(laneHeaders('v2')), send({}), send(laneHeaders('v3'))]),
    );
    expect(answers).toEqual(['3 v2', '3 baseline', '3 v3']);
    expect(lanes.current()).toBe(BASELINE);
  });

  test('the lane headers of an untrusted sender are removed, also when headers are immutable', async () => {
    const app = new Framework();
    app.use(honoLane(defineLanes({ ...lanes.policy, trust: ['10.0.0.0/8'] })));
    app.post('/', async (c) =>
      c.json([await c.req.text(), c.req.header('version') ?? null, c.req.header('x-own'), name()]),
    );
    const init = { method: 'POST', headers: { ...laneHeaders('v2'), 'x-own': '1' }, body: 'abc' };
    expect(await (await app.request('/', init)).json()).toEqual(['abc', null, '1', 'baseline']);
    const request = new Request('http://x/', init);
    const immutable = (): never => {
      throw new TypeError('immutable');
    };
    Object.assign(request.headers, { delete: immutable, set: immutable });
    expect(await (await app.fetch(request)).json()).toEqual(['abc', null, '1', 'baseline']);
  });

  test('the lane headers of an untrusted sender are removed, also when OpenTelemetry has baggage that is not carried', async () => {
    const strict = defineLanes({ key: 'version', carry: { headers: ['version'] }, trust: 'none' });
    const app = new Framework();
    app.use(honoLane(strict));
    app.get('/', (c) => c.json([c.req.header('version') ?? null, strict.current().name ?? null]));
    const other = propagation.createBaggage({ other: { value: '1' } });
    const answer = await context.with(propagation.setBaggage(context.active(), other), () =>
      app.request('/', { headers: { version: 'v2' } }),
    );
    expect(await answer.json()).toEqual([null, null]);
  });

  test('a web stream as the body: its source runs in the lane of the request, also when other code reads it', async () => {
    const app = new Framework();
    app.use(honoLane(lanes));
    const seen: string[] = [];
    const source = (asked: string): ReadableStream<Uint8Array> => {
      let left = 3;
      return new ReadableStream(
        {
          async pull(controller) {
            seen.push(`${asked} ${name()}`);
            await takeTurns(left);
            if (left-- > 0) controller.enqueue(Buffer.from('x'));
            else controller.close();
          },
          cancel: () => void seen.push(`${asked} ${name()}`),
        },
        { highWaterMark: 0 },
      );
    };
    const asked = (c: Context): string => c.req.header('version') ?? 'baseline';
    app.get('/body', (c) => c.body(source(asked(c)), 201, { 'x-own': '1' }));
    app.get('/response', (c) => new Response(source(asked(c)), { status: 201, headers: { 'x-own': '1' } }));
    app.get('/transformed', (c) => {
      const transformed = source(asked(c)).pipeThrough(new TransformStream());
      return new Response(transformed, { status: 201, headers: { 'x-own': '1' } });
    });
    const read = async (path: string, headers: Record<string, string>): Promise<void> => {
      const answer = await app.request(path, { headers });
      expect([answer.status, answer.headers.get('x-own')]).toEqual([201, '1']);
      expect(await answer.text()).toBe('xxx');
      const left = await app.request(path, { headers });
      const reader = left.body?.getReader();
      await reader?.read();
      await reader?.cancel();
    };
    await lanes.run(BASELINE.set('version', 'caller'), () =>
      Promise.all(
        ['/body', '/response', '/transformed'].flatMap((path) => [
          read(path, { version: 'v2' }),
          read(path, {}),
          read(path, { version: 'v3' }),
        ]),
      ),
    );
    expect(new Set(seen)).toEqual(new Set(['v2 v2', 'baseline baseline', 'v3 v3']));
  });

  test('middleware that was not called throws an error that says what to write', async () => {
    const app = new Framework();
    app.use(honoLane as never);
    app.get('/', (c) => c.text('found'));
    app.onError((error, c) => c.text(error.message, 500));
    const answer = await app.request('/');
    expect(answer.status).toBe(500);
    expect(await answer.text()).toBe(
      'honoLane was called with a context instead of lanes. Write app.use(honoLane()), or app.use(honoLane(lanes)), ' +
        'instead of app.use(honoLane).',
    );
  });

  test('a second honoLane keeps the lane that was set before it, also in an application that the request is passed to', async () => {
    const inner = new Framework();
    inner.use(honoLane(lanes));
    inner.get('/', (c) => c.text(name()));
    const app = new Framework();
    app.use(honoLane(lanes));
    app.use((_c, next) => lanes.run(lanes.current().set('version', 'dyed'), next));
    app.use(honoLane(lanes));
    app.get('/', async (c) => {
      const response = await inner.fetch(c.req.raw, c.env);
      return c.text(`${name()} ${await response.text()}`);
    });
    expect(await (await app.request('/', { headers: laneHeaders('v2') })).text()).toBe('dyed dyed');
    expect(await (await app.request('/')).text()).toBe('dyed dyed');
  });

  test('two with different lanes: the first decides, the second emits a warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const others = defineLanes({ key: 'other', carry: { headers: ['other'] }, trust: 'none' });
    const app = new Framework();
    app.use(honoLane(lanes));
    app.use(honoLane(others));
    app.get('/', (c) => c.text(`${name()} ${c.req.header('other')}`));
    const headers = { ...laneHeaders('v2'), other: 'o' };
    expect(await (await app.request('/', { headers })).text()).toBe('v2 o');
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]?.[1]).toMatchObject({ code: 'LANEWAY_SECOND_LANES' });
    warn.mockRestore();
  });

  test('a response whose body is not a stream is not replaced', async () => {
    const app = new Framework();
    const made: unknown[] = [];
    const found: unknown[] = [];
    app.use(async (c, next) => {
      await next();
      found.push(c.res);
    });
    app.use(honoLane(lanes));
    for (const body of ['text', Buffer.from('bytes'), new Blob(['blob']), null])
      app.get(`/${made.push(new Response(body)) - 1}`, (c) => made[Number(c.req.path.slice(1))] as Response);
    for (const index of made.keys()) await app.request(`/${index}`);
    expect(found).toHaveLength(4);
    expect(found.every((response, index) => response === made[index])).toBe(true);
  });
});

test('throws when it receives something that is not lanes', () => {
  expect(() => honoLane({ key: 'version' } as never)).toThrow(LanewayAdapterError);
});
