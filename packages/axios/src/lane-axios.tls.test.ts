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
import { type AnyConfig, type AnyResponse, clients } from './clients.contract.js';
import { laneAxios } from './index.js';

const lanes = contractLanes();
const sessions = new Set<http2.Http2Session>();
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
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    response.end(JSON.stringify({ headers, body: request.httpVersion }));
  });
  over2.on('session', (session) => void sessions.add(session));
  ports.secure = await listen(secure);
  ports.over2 = await listen(over2);
});
afterAll(async () => {
  for (const session of sessions) session.destroy();
  await close(over2);
  await close(secure);
  await echo.close();
});

const laneOf = ({ data }: AnyResponse): string[] =>
  ['version', 'baggage'].map((name) => headerLines(data as EchoedRequest, name).join('|'));
const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];

describe.each(clients)('$name', ({ axios: original, has }) => {
  const axios = laneAxios(original.create(), lanes);
  const send = (url: string, config?: AnyConfig): Promise<AnyResponse> =>
    lanes.run(lanes.capture(laneHeaders('v2')), () => axios.get(url, config));

  test('https carries the lane, but not to an external host', async () => {
    const httpsAgent = new https.Agent({ ca, keepAlive: true, lookup: loopbackLookup });
    const url = (host: string): string => `https://${host}:${ports.secure}/`;
    expect(laneOf(await send(url('localhost'), { httpsAgent }))).toEqual(V2);
    expect(laneOf(await send(url('external.example'), { httpsAgent }))).toEqual(NONE);
    const { globalAgent } = https;
    globalAgent.options.ca = ca;
    expect(laneOf(await send(url('localhost')))).toEqual(V2);
    delete globalAgent.options.ca;
    httpsAgent.destroy();
  });

  test.skipIf(!has.includes('http2'))('HTTP/2 carries the lane, but not to an external host', async () => {
    const url = (host: string): string => `http://${host}:${ports.over2}/path?a=1`;
    const config = { httpVersion: 2, lookup: loopbackLookup };
    const response = await send(url('127.0.0.1'), { ...config, headers: { Baggage: 'Lane=own' } });
    expect((response.data as EchoedRequest).body).toBe('2.0');
    expect(laneOf(response)).toEqual(['v2', 'Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty=']);
    // The lane is removed from the configuration, for a retry to another destination.
    expect(response.config.headers).toMatchObject({ Baggage: 'Lane=own' });
    expect(Object.keys(response.config.headers as object)).not.toContain('version');
    expect(Object.keys(response.config.headers as object)).toContain('User-Agent');
    expect(laneOf(await send(url('external.example'), config))).toEqual(NONE);
    expect(laneOf(await axios.get(url('127.0.0.1'), config))).toEqual(NONE);
    const { data } = await lanes.run(lanes.capture(laneHeaders('v3')), () =>
      axios.request({ ...config, baseURL: `http://127.0.0.1:${ports.over2}/`, url: 'path' }),
    );
    expect(headerLines(data as EchoedRequest, 'version')).toEqual(['v3']);
  });
});
