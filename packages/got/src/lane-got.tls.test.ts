import http2 from 'node:http2';
import https from 'node:https';
import {
  close,
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  laneBaggage,
  laneHeaders,
  listen,
  loopbackLookup,
  headerLines,
} from '@laneway/testing';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients } from './clients.contract.js';
import { laneGot } from './index.js';

const lanes = contractLanes();
const sessions = new Set<{ destroy(): void }>();
let echo: EchoServer;
let only1: https.Server;
let also2: http2.Http2SecureServer;
let certificateAuthority: string;
const ports = { only1: 0, also2: 0 };
beforeAll(async () => {
  const altNames = ['localhost', 'external.example'].map((value) => ({ type: 2 as const, value }));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  certificateAuthority = cert;
  echo = await echoServer();
  only1 = https.createServer({ key, cert }, (request, response) =>
    echo.server.emit('request', request, response),
  );
  also2 = http2.createSecureServer({ key, cert });
  also2.on('session', (session) => sessions.add(session));
  also2.on('request', (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    response.end(JSON.stringify({ headers }));
  });
  ports.only1 = await listen(only1);
  ports.also2 = await listen(also2);
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await close(also2);
  await close(only1);
  await echo.close();
});

describe.each(clients)('$name', ({ got: original }) => {
  const send = async (url: string, options: object): Promise<string[][]> => {
    const trusting = { https: { certificateAuthority }, retry: { limit: 0 }, ...options };
    const call = (): Promise<{ body: string }> => laneGot(original, lanes)(url, trusting);
    const { body } = await lanes.run(lanes.capture(laneHeaders('v2')), call);
    const seen = JSON.parse(body) as EchoedRequest;
    return [headerLines(seen, 'version'), headerLines(seen, 'baggage')];
  };

  test('https carries the lane, but not to an external host, including after a redirect to another protocol', async () => {
    const ca = certificateAuthority;
    const agent = { https: new https.Agent({ ca, keepAlive: true, lookup: loopbackLookup }) };
    const home = `https://localhost:${ports.only1}/`;
    const external = `https://external.example:${ports.only1}/`;
    expect(await send(home, {})).toEqual([['v2'], [laneBaggage('v2')]]);
    expect(await send(home, { agent })).toEqual([['v2'], [laneBaggage('v2')]]);
    expect(await send(external, { agent })).toEqual([[], []]);
    const via = (to: string): string => `${echo.url}/redirect?to=${encodeURIComponent(to)}`;
    expect(await send(via(home), { agent })).toEqual([['v2'], [laneBaggage('v2')]]);
    expect(await send(via(external), { agent })).toEqual([[], []]);
    agent.https.destroy();
  });

  test('the option http2: HTTP/2 is used, without the lane; with an agent for https, HTTP/1 carries it', async () => {
    const over2 = `https://localhost:${ports.also2}/`;
    const over1 = `https://localhost:${ports.only1}/`;
    expect(await send(over2, { http2: true })).toEqual([[], []]);
    expect(await send(over1, { http2: true })).toEqual([[], []]);
    expect(await send(echo.url, { http2: true })).toEqual([['v2'], [laneBaggage('v2')]]);
    const agent = { https: new https.Agent({ ca: certificateAuthority }) };
    expect(await send(over1, { http2: true, agent })).toEqual([['v2'], [laneBaggage('v2')]]);
    agent.https.destroy();
  });
});
