import http2 from 'node:http2';
import https from 'node:https';
import { close, laneBaggage, laneOf, listen, loopbackLookup, useEcho } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSecureEcho } from '../../../test/support/secure-echo.js';
import { clients } from './clients.contract.js';
import { laneGot } from './index.js';

const { lanes, echo, inLane, via } = useEcho();
const secure = await useSecureEcho(echo);
const sessions = new Set<{ destroy(): void }>();
const also2 = http2.createSecureServer({ key: secure.key, cert: secure.ca });
also2.on('session', (session) => sessions.add(session));
also2.on('request', (request, response) => {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  response.end(JSON.stringify({ headers }));
});
let port2: number;
beforeAll(async () => {
  port2 = await listen(also2);
});
afterAll(() => {
  for (const session of sessions) session.destroy();
  return close(also2);
});
const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];

describe.each(clients)('$name', ({ got: original }) => {
  const send = async (url: string, options: object): Promise<string[]> => {
    const trusting = { https: { certificateAuthority: secure.ca }, retry: { limit: 0 }, ...options };
    const call = (): Promise<{ body: string }> => laneGot(original, lanes)(url, trusting);
    const { body } = await inLane('v2', call);
    return laneOf(JSON.parse(body));
  };

  test('https carries the lane, but not to an external host, including after a redirect to another protocol', async () => {
    const { ca } = secure;
    const agent = { https: new https.Agent({ ca, keepAlive: true, lookup: loopbackLookup }) };
    const home = `https://localhost:${secure.port}/`;
    const external = `https://external.example:${secure.port}/`;
    expect(await send(home, {})).toEqual(V2);
    expect(await send(home, { agent })).toEqual(V2);
    expect(await send(external, { agent })).toEqual(NONE);
    expect(await send(via('127.0.0.1', home), { agent })).toEqual(V2);
    expect(await send(via('127.0.0.1', external), { agent })).toEqual(NONE);
    agent.https.destroy();
  });

  test('the option http2: HTTP/2 is used, without the lane; with an agent for https, HTTP/1 carries it', async () => {
    const over2 = `https://localhost:${port2}/`;
    const over1 = `https://localhost:${secure.port}/`;
    expect(await send(over2, { http2: true })).toEqual(NONE);
    expect(await send(over1, { http2: true })).toEqual(NONE);
    expect(await send(echo.url, { http2: true })).toEqual(V2);
    const agent = { https: new https.Agent({ ca: secure.ca }) };
    expect(await send(over1, { http2: true, agent })).toEqual(V2);
    agent.https.destroy();
  });
});
