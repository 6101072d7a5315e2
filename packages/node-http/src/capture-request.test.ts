import { createServer, type IncomingMessage } from 'node:http';
import { BASELINE, defineLanes, type LanePolicy } from '@laneway/core';
import { close, collectDrops, listen } from '@laneway/testing';
import { expect, test } from 'vitest';
import { captureRequest, nodeHttpLane } from './index.js';

const sent = { version: 'v2', 'x-mse-tag': 'v2', baggage: 'lane=v2,user=1', 'x-other': '1' };

/** What a handler sees of a request, sent from 127.0.0.1. */
async function ask(policy: Partial<LanePolicy>): Promise<Record<string, unknown>> {
  const lanes = defineLanes(
    { key: 'version', carry: { headers: ['version'], baggage: ['lane'] }, promote: { lane: 'x-mse-tag' } },
    policy,
  );
  const show = ({ headers, rawHeaders, headersDistinct }: IncomingMessage): string => {
    const { version, 'x-mse-tag': tag, baggage, 'x-other': other } = headers;
    const raw = Object.keys(sent).filter((name) => rawHeaders.includes(name));
    const distinct = Object.keys(sent).filter((name) => name in headersDistinct);
    return JSON.stringify({ lane: lanes.current().name, version, tag, baggage, other, raw, distinct });
  };
  const server = nodeHttpLane(
    createServer((request, response) => response.end(show(request))),
    lanes,
  );
  const port = await listen(server);
  try {
    return (await (await fetch(`http://127.0.0.1:${port}`, { headers: sent })).json()) as Record<
      string,
      unknown
    >;
  } finally {
    await close(server);
  }
}

const everything = {
  lane: 'v2',
  version: 'v2',
  tag: 'v2',
  baggage: 'lane=v2,user=1',
  other: '1',
  raw: Object.keys(sent),
  distinct: Object.keys(sent),
};

test('the lane of a trusted sender is carried, and the request is not changed', async () => {
  expect(await ask({})).toEqual(everything);
  expect(await ask({ trust: ['127.0.0.0/8'] })).toEqual(everything);
  expect(await ask({ trust: ({ address }) => address === '127.0.0.1' })).toEqual(everything);
  // What decides may look at the connection, at a client certificate for one.
  expect(
    await ask({ trust: ({ request }) => (request as IncomingMessage).socket.localAddress === '127.0.0.1' }),
  ).toEqual(everything);
});

test('the request of an untrusted sender has no lane, and its lane headers are removed', async () => {
  const stripped = {
    baggage: 'user=1',
    other: '1',
    raw: ['baggage', 'x-other'],
    distinct: ['baggage', 'x-other'],
  };
  expect(await ask({ trust: 'none' })).toEqual(stripped);
  expect(await ask({ trust: ['10.0.0.0/8'] })).toEqual(stripped);
  expect(await ask({ trust: () => false })).toEqual(stripped);
  expect(await collectDrops(() => ask({ trust: 'none' }))).toEqual([
    { reason: 'untrusted', direction: 'capture' },
  ]);
});

test('a request without raw headers, such as a test double, is stripped as well', () => {
  const lanes = defineLanes({ key: 'version', carry: { headers: ['version'] }, trust: 'none' });
  const headers = { version: 'v2', other: '1' };
  expect(captureRequest(lanes, { headers })).toBe(BASELINE);
  expect(headers).toEqual({ other: '1' });
});
