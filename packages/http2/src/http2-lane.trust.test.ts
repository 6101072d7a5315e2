import http2, { type Http2Server, type Http2ServerRequest, type ServerHttp2Stream } from 'node:http2';
import { text } from 'node:stream/consumers';
import { defineLanes, type Trust } from '@laneway/core';
import { collectDrops } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { http2Lane } from './index.js';
import { openWire } from './wire.fixture.js';

type Api = (server: Http2Server, show: (headers: object, raw: readonly string[]) => string) => void;

const apis: Record<string, Api> = {
  stream: (server, show) =>
    server.on('stream', ((stream: ServerHttp2Stream, headers: object, _flags: number, raw: string[]) => {
      stream.respond({ ':status': 200 });
      stream.end(show(headers, raw));
    }) as never),
  request: (server, show) =>
    server.on('request', (request, response) => response.end(show(request.headers, request.rawHeaders))),
};

interface Seen {
  readonly lane: readonly (readonly [string, string])[];
  /** Names, sorted. */
  readonly headers: readonly string[];
  readonly raw: readonly string[];
}

/** Returns what a server sees of a request from 127.0.0.1. */
async function ask(api: Api, trust: Trust): Promise<Seen> {
  const carry = { headers: ['version', '*path', '*authority', '*method'], baggage: ['*'] };
  const lanes = defineLanes({ key: 'version', carry, trust });
  const server = http2Lane(http2.createServer(), lanes);
  api(server, (headers, raw) => {
    const names = raw.filter((_, index) => index % 2 === 0).toSorted();
    return JSON.stringify({
      lane: lanes.current().entries(),
      headers: Object.keys(headers).toSorted(),
      raw: names,
    });
  });
  const wire = await openWire(server);
  const sent = { Version: 'v2', baggage: 'a=1', 'x-path': '/a', 'x-other': '1', ':path': '/p?q=1' };
  const seen = await text(wire.post(undefined, sent).end());
  await wire.close();
  return JSON.parse(seen) as Seen;
}

const pseudo = [':authority', ':method', ':path', ':scheme'];

describe.each(Object.entries(apis))('%s', (_name, api) => {
  test('an untrusted sender has no lane, and its lane headers are removed', async () => {
    for (const trust of ['none' as const, ['10.0.0.0/8'], () => false]) {
      const drops = await collectDrops(async () => {
        const left = [...pseudo, 'x-other'];
        expect(await ask(api, trust)).toEqual({ lane: [], headers: left, raw: left });
      });
      expect(drops).toEqual([{ reason: 'untrusted', direction: 'capture' }]);
    }
  });

  test('the socket decides who is trusted; patterns never carry pseudo headers', async () => {
    const address = (request: unknown): unknown => (request as Http2ServerRequest).socket.remoteAddress;
    const trusts: Trust[] = ['all', ['127.0.0.0/8'], ({ request }) => address(request) === '127.0.0.1'];
    for (const trust of trusts) {
      const { lane, headers } = await ask(api, trust);
      expect(Object.fromEntries(lane)).toEqual({ a: '1', version: 'v2', 'x-path': '/a' });
      expect(headers).toEqual([...pseudo, 'baggage', 'version', 'x-other', 'x-path']);
    }
  });
});
