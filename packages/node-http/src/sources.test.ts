import { BASELINE, defineLanes, type LanePolicy } from '@laneway/core';
import { collectDrops } from '@laneway/testing';
import { expect, test } from 'vitest';
import { captureRequest } from './index.js';

const rules: LanePolicy = {
  key: 'version',
  carry: { headers: ['version'] },
  sources: { query: 'lane', cookie: 'lane' },
};

test('a parameter that occurs twice is malformed, and the cookie is used', async () => {
  const request = { headers: { cookie: 'lane=v2' }, url: '/?lane=v3&lane=v3' };
  const drops = await collectDrops(() => {
    expect(captureRequest(defineLanes(rules), request).name).toBe('v2');
  });
  expect(drops).toEqual([{ reason: 'malformed', direction: 'capture', source: 'query' }]);
});

test('the query of an untrusted sender is removed from every copy of the URL, and the rest stays', () => {
  const url = '/hello?a=%41&lane=v2';
  const request = {
    url,
    originalUrl: `/api${url}`,
    query: { a: 'A', lane: 'v2' },
    headers: { ':path': url, cookie: 'lane=v2', accept: '*/*' },
    rawHeaders: [':path', url, 'cookie', 'lane=v2', 'accept', '*/*'],
  };
  expect(captureRequest(defineLanes(rules, { trust: 'none' }), request)).toBe(BASELINE);
  const kept = '/hello?a=%41';
  expect(request).toEqual({
    url: kept,
    originalUrl: `/api${kept}`,
    query: { a: 'A' },
    headers: { ':path': kept, accept: '*/*' },
    rawHeaders: [':path', kept, 'accept', '*/*'],
  });
});

test('a request that cannot be changed or has no URL is no error', () => {
  const strict = defineLanes(rules, { trust: 'none' });
  const lanes = defineLanes(rules);
  for (const url of [undefined, null, 5, {}]) {
    const request = { headers: {}, url } as never;
    expect(captureRequest(lanes, request)).toBe(BASELINE);
    expect(captureRequest(strict, request)).toBe(BASELINE);
  }
  expect(captureRequest(lanes, { headers: undefined, url: '/?lane=v2' } as never)).toBe(BASELINE);
});
