import { BASELINE, defineLanes, LanewayAdapterError, type Lanes } from '@laneway/core';
import { contractLanes, laneHeaders } from '@laneway/testing';
import { context, propagation } from '@opentelemetry/api';
import { Hono } from 'hono';
import { Hono as HonoLowest } from 'hono-lowest';
import { describe, expect, test } from 'vitest';
import { honoLane } from './index.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';

describe.each([
  ['hono', Hono],
  ['hono, lowest', HonoLowest],
])('%s, without a server', (_name, Framework) => {
  test('app.request: the lane is that of the request', async () => {
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

  test('what is not trusted is not there, also where headers are immutable', async () => {
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

  test('what is not trusted is not there, also when OpenTelemetry has baggage that is not carried', async () => {
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
});

test('what is no lanes is said at once', () => {
  expect(() => honoLane({ key: 'version' } as never)).toThrow(LanewayAdapterError);
});
