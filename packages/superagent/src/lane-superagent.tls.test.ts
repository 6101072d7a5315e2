import http2 from 'node:http2';
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
  loopbackLookup,
} from '@laneway/testing';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyRequest, clients } from './clients.contract.js';
import { laneSuperagent } from './index.js';

const lanes = contractLanes();
let echo: EchoServer;
let secure: https.Server;
let over2: http2.Http2Server;
let ca: string;
const ports = { secure: 0, over2: 0 };
beforeAll(async () => {
  const altNames = ['localhost', 'external.example'].map((value) => ({ type: 2 as const, value }));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  ca = cert;
  echo = await echoServer();
  secure = https.createServer({ key, cert }, (request, response) =>
    echo.server.emit('request', request, response),
  );
  over2 = http2.createServer((request, response) => {
    const to = new URL(request.url, 'http://echo').searchParams.get('to');
    if (to !== null) return void response.writeHead(302, { location: to }).end();
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ headers, body: request.httpVersion }));
  });
  ports.secure = await listen(secure);
  ports.over2 = await listen(over2);
});
afterAll(async () => {
  await close(over2);
  await close(secure);
  await echo.close();
});

describe.each(clients)('$name', ({ superagent }) => {
  const request = laneSuperagent(superagent, lanes);
  const laneOf = async (make: () => AnyRequest): Promise<unknown[]> => {
    const { body } = await lanes.run(lanes.capture(laneHeaders('v2')), make);
    const seen = body as EchoedRequest;
    return [headerLines(seen, 'version').join('|'), headerLines(seen, 'baggage').join('|'), seen.body];
  };

  test('https carries the lane, but not to an external host', async () => {
    const agent = new https.Agent({ ca, keepAlive: true, lookup: loopbackLookup });
    const url = (host: string): string => `https://${host}:${ports.secure}/`;
    expect(await laneOf(() => request.get(url('localhost')).agent(agent))).toEqual([
      'v2',
      laneBaggage('v2'),
      '',
    ]);
    expect(await laneOf(() => request.get(url('localhost')).ca(ca))).toEqual(['v2', laneBaggage('v2'), '']);
    expect(await laneOf(() => request.get(url('external.example')).agent(agent))).toEqual(['', '', '']);
    agent.destroy();
  });

  test('http2(): the lane is merged, and removed on a redirect to an external host', async () => {
    const url = (host: string, to = ''): string => `http://${host}:${ports.over2}/${to}`;
    const get = (to: string): AnyRequest => request.get(to).http2().lookup(loopbackLookup);
    expect(await laneOf(() => get(url('127.0.0.1')))).toEqual(['v2', laneBaggage('v2'), '2.0']);
    expect(await laneOf(() => get(url('127.0.0.1')).set({ Baggage: 'Lane=own' }))).toEqual([
      'v2',
      'Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty=',
      '2.0',
    ]);
    const redirect = url('127.0.0.1', `?to=${encodeURIComponent(url('127.0.0.1'))}`);
    expect(await laneOf(() => get(redirect))).toEqual(['v2', laneBaggage('v2'), '2.0']);
    const external = url('external.example');
    expect(await laneOf(() => get(external))).toEqual(['', '', '2.0']);
    const away = url('127.0.0.1', `?to=${encodeURIComponent(external)}`);
    expect(await laneOf(() => get(away))).toEqual(['', '', '2.0']);
  });
});
