import { BASELINE, defineLanes, type Lanes } from '@laneway/core';
import { expect, test } from 'vitest';
import { contractLanes, laneHeaders } from './contract-policy.js';
import { collectDrops } from './drops.js';
import type { Handle, InboundServer } from './inbound-subject.js';

/** The part of the inbound contract about lane sources beside headers: a cookie and a query parameter. */
export function sourceTests(start: (lanes: Lanes, handle: Handle) => Promise<InboundServer>): void {
  const lanes = contractLanes();
  const sources = { cookie: 'lane', query: 'lane' };
  const named = defineLanes(lanes.policy, { sources });
  const name = (): string => lanes.current().name ?? 'baseline';
  const cookie = 'a=1; lane=v%32; b=2';

  test('sources: a cookie and a query that the policy does not name set no lane', async () => {
    const { send } = await start(lanes, () => String(lanes.current() === BASELINE));
    const drops = await collectDrops(async () => {
      expect((await send({ cookie }, '', 'lane=v3')).body).toBe('true');
    });
    expect(drops).toEqual([]);
  });

  test('sources: the handler runs in the lane of the headers, or else of the query, or else of the cookie', async () => {
    const { send } = await start(named, () => {
      const { version = 'none' } = named.attach({}, { to: 'helloworld' }) as { version?: string };
      return `${name()} ${version}`;
    });
    expect((await send({ cookie })).body).toBe('v2 v2');
    expect((await send({}, '', 'a=1&lane=v3')).body).toBe('v3 v3');
    expect((await send({ cookie }, '', 'lane=v3')).body).toBe('v3 v3');
    expect((await send({ ...laneHeaders('v4'), cookie }, '', 'lane=v3')).body).toBe('v4 v4');
    expect((await send({ cookie: 'a=1' }, '', 'a=1')).body).toBe('baseline none');
  });

  test('sources: a malformed value is dropped with a reason, and the next source is used', async () => {
    const { send } = await start(named, name);
    const drops = await collectDrops(async () => {
      expect(await send({ cookie }, '', 'lane=a%0D%0Ab')).toEqual({ ok: true, body: 'v2' });
      expect(await send({ cookie: 'lane=a%00b' })).toEqual({ ok: true, body: 'baseline' });
    });
    expect(drops.map(({ reason, source }) => `${reason} ${source}`)).toEqual([
      'malformed query',
      'malformed cookie',
    ]);
  });

  test('sources: the cookie and the query of an untrusted sender set no lane, and are removed from the request', async () => {
    const strict = defineLanes(named.policy, { trust: 'none' });
    const seen: unknown[] = [];
    const { send } = await start(strict, (_body, headers, url = '') => {
      const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
      seen.push(Reflect.get(plain ?? {}, 'cookie'), url.includes('lane'));
      return String(strict.current() === BASELINE);
    });
    const drops = await collectDrops(async () => {
      expect((await send({ cookie }, '', 'a=1&lane=v3')).body).toBe('true');
      expect((await send({ cookie: 'a=1; b=2' }, '', 'a=1')).body).toBe('true');
    });
    expect(drops).toEqual([{ reason: 'untrusted', direction: 'capture' }]);
    // An adapter may not pass the headers.
    expect([undefined, 'a=1; b=2']).toContain(seen[0]);
    expect(seen).toEqual([seen[0], false, seen[0], false]);
  });
}
