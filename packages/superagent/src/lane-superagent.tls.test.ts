import http2 from 'node:http2';
import https from 'node:https';
import {
  close,
  type EchoedRequest,
  laneBaggage,
  laneOf,
  listen,
  loopbackLookup,
  useEcho,
} from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSecureEcho } from '../../../test/support/secure-echo.js';
import { type AnyRequest, clients } from './clients.contract.js';
import { laneSuperagent } from './index.js';

const { lanes, echo, inLane } = useEcho();
const secure = await useSecureEcho(echo);
const over2 = http2.createServer((request, response) => {
  const to = new URL(request.url, 'http://echo').searchParams.get('to');
  if (to !== null) return void response.writeHead(302, { location: to }).end();
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ headers, body: request.httpVersion }));
});
let port2: number;
beforeAll(async () => {
  port2 = await listen(over2);
});
afterAll(() => close(over2));

describe.each(clients)('$name', ({ superagent }) => {
  const request = laneSuperagent(superagent, lanes);
  const laneSeen = async (make: () => AnyRequest): Promise<unknown[]> => {
    const { body } = await inLane('v2', make);
    return [...laneOf(body), (body as EchoedRequest).body];
  };

  test('https carries the lane, but not to an external host', async () => {
    const agent = new https.Agent({ ca: secure.ca, keepAlive: true, lookup: loopbackLookup });
    const url = (host: string): string => `https://${host}:${secure.port}/`;
    expect(await laneSeen(() => request.get(url('localhost')).agent(agent))).toEqual([
      'v2',
      laneBaggage('v2'),
      '',
    ]);
    expect(await laneSeen(() => request.get(url('localhost')).ca(secure.ca))).toEqual([
      'v2',
      laneBaggage('v2'),
      '',
    ]);
    expect(await laneSeen(() => request.get(url('external.example')).agent(agent))).toEqual(['', '', '']);
    agent.destroy();
  });

  test('http2(): the lane is merged, and removed on a redirect to an external host', async () => {
    const url = (host: string, to = ''): string => `http://${host}:${port2}/${to}`;
    const get = (to: string): AnyRequest => request.get(to).http2().lookup(loopbackLookup);
    expect(await laneSeen(() => get(url('127.0.0.1')))).toEqual(['v2', laneBaggage('v2'), '2.0']);
    expect(await laneSeen(() => get(url('127.0.0.1')).set({ Baggage: 'Lane=own' }))).toEqual([
      'v2',
      'Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty=',
      '2.0',
    ]);
    const redirect = url('127.0.0.1', `?to=${encodeURIComponent(url('127.0.0.1'))}`);
    expect(await laneSeen(() => get(redirect))).toEqual(['v2', laneBaggage('v2'), '2.0']);
    const external = url('external.example');
    expect(await laneSeen(() => get(external))).toEqual(['', '', '2.0']);
    const away = url('127.0.0.1', `?to=${encodeURIComponent(external)}`);
    expect(await laneSeen(() => get(away))).toEqual(['', '', '2.0']);
  });
});
