import https from 'node:https';
import {
  close,
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
  listen,
} from '@laneway/testing';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyFetch, clients } from './clients.contract.js';
import { laneFetch } from './index.js';

const lanes = contractLanes();
const names = ['localhost', 'host.internal', 'external.example'];
const { cert: ca, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
  algorithm: 'sha256',
  extensions: [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
});
let echo: EchoServer;
let port: number;
const server = https.createServer({ key, cert: ca }, (request, response) =>
  echo.server.emit('request', request, response),
);
beforeAll(async () => {
  echo = await echoServer();
  port = await listen(server);
});
afterAll(async () => {
  await close(server);
  await echo.close();
});

async function send(fetch: AnyFetch, url: string, init: object): Promise<string[][]> {
  const response = await lanes.run(lanes.capture(laneHeaders('v2')), () => fetch(url, init));
  const seen = (await response.json()) as EchoedRequest;
  return [headerLines(seen, 'version'), headerLines(seen, 'baggage')];
}

describe.each(clients)('$name', ({ fetch: original, connect, kind }) => {
  const fetch = laneFetch(original, lanes);
  const { init, close: disconnect } = connect({ ca });
  afterAll(disconnect);
  const at = (host: string, path = '/'): string => `https://${host}:${port}${path}`;

  test('https carries the lane, but not to an external host', async () => {
    expect(await send(fetch, at('localhost'), init)).toEqual([['v2'], [laneBaggage('v2')]]);
    expect(await send(fetch, at('external.example'), init)).toEqual([[], []]);
    const redirect = (to: string): string => at('host.internal', `/redirect?to=${encodeURIComponent(to)}`);
    expect(await send(fetch, redirect('/end'), init)).toEqual([['v2'], [laneBaggage('v2')]]);
    expect(await send(fetch, redirect(at('external.example')), init)).toEqual([[], []]);
  });

  if (kind !== 'node-fetch') return;
  test("https over Node's global agent", async () => {
    const { globalAgent } = https;
    globalAgent.options.ca = ca;
    try {
      for (const _ of ['first', 'second'])
        expect(await send(fetch, at('localhost'), {})).toEqual([['v2'], [laneBaggage('v2')]]);
      expect(https.globalAgent).toBe(globalAgent);
    } finally {
      delete globalAgent.options.ca;
      globalAgent.destroy();
    }
  });
});
