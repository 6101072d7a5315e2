import http2 from 'node:http2';
import https from 'node:https';
import {
  close,
  type EchoedRequest,
  headerLines,
  laneBaggage,
  listen,
  loopbackLookup,
  useEcho,
} from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useSecureEcho } from '../../../test/support/secure-echo.js';
import { type AnyConfig, type AnyResponse, clients, laneOfResponse } from './clients.contract.js';
import { laneAxios } from './index.js';

const { lanes, echo, inLane } = useEcho();
const secure = await useSecureEcho(echo);
const sessions = new Set<http2.Http2Session>();
const over2 = http2.createServer((request, response) => {
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  response.end(JSON.stringify({ headers, body: request.httpVersion }));
});
over2.on('session', (session) => void sessions.add(session));
let port2: number;
beforeAll(async () => {
  port2 = await listen(over2);
});
afterAll(() => {
  for (const session of sessions) session.destroy();
  return close(over2);
});

const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];

describe.each(clients)('$name', ({ axios: original, has }) => {
  const axios = laneAxios(original.create(), lanes);
  const send = (url: string, config?: AnyConfig): Promise<AnyResponse> =>
    inLane('v2', () => axios.get(url, config));

  test('https carries the lane, but not to an external host', async () => {
    const httpsAgent = new https.Agent({ ca: secure.ca, keepAlive: true, lookup: loopbackLookup });
    const url = (host: string): string => `https://${host}:${secure.port}/`;
    expect(laneOfResponse(await send(url('localhost'), { httpsAgent }))).toEqual(V2);
    expect(laneOfResponse(await send(url('external.example'), { httpsAgent }))).toEqual(NONE);
    const { globalAgent } = https;
    globalAgent.options.ca = secure.ca;
    expect(laneOfResponse(await send(url('localhost')))).toEqual(V2);
    delete globalAgent.options.ca;
    httpsAgent.destroy();
  });

  test.skipIf(!has.includes('http2'))('HTTP/2 carries the lane, but not to an external host', async () => {
    const url = (host: string): string => `http://${host}:${port2}/path?a=1`;
    const config = { httpVersion: 2, lookup: loopbackLookup };
    const response = await send(url('127.0.0.1'), { ...config, headers: { Baggage: 'Lane=own' } });
    expect((response.data as EchoedRequest).body).toBe('2.0');
    expect(laneOfResponse(response)).toEqual(['v2', 'Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty=']);
    // The lane is removed from the configuration, for a retry to another destination.
    expect(response.config.headers).toMatchObject({ Baggage: 'Lane=own' });
    expect(Object.keys(response.config.headers as object)).not.toContain('version');
    expect(Object.keys(response.config.headers as object)).toContain('User-Agent');
    expect(laneOfResponse(await send(url('external.example'), config))).toEqual(NONE);
    expect(laneOfResponse(await axios.get(url('127.0.0.1'), config))).toEqual(NONE);
    const { data } = await inLane('v3', () =>
      axios.request({ ...config, baseURL: `http://127.0.0.1:${port2}/`, url: 'path' }),
    );
    expect(headerLines(data as EchoedRequest, 'version')).toEqual(['v3']);
  });
});
