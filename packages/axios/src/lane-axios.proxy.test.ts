import http from 'node:http';
import https from 'node:https';
import { laneBaggage, loopbackLookup, useEcho } from '@laneway/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { useTunnelProxy } from '../../../test/support/tunnel-proxy.js';
import { useSecureEcho } from '../../../test/support/secure-echo.js';
import { type AnyConfig, clients, laneOfResponse } from './clients.contract.js';
import { laneAxios } from './index.js';
import { keepsAgent, mayTunnel } from './proxies.js';

const { lanes, echo, inLane } = useEcho();
const secure = await useSecureEcho(echo);
const proxy = useTunnelProxy();
// The proxy answers forwarded requests itself.
proxy.server.on('request', (request, response) => echo.server.emit('request', request, response));
const tunnels: string[] = [];
proxy.server.on('connect', ({ url, headers }) => tunnels.push(`${url} ${String(headers.version)}`));
const VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'];
afterEach(() => {
  tunnels.length = 0;
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
});

const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];

describe.each(clients)('$name', ({ name, axios }) => {
  const send = async (url: string, config: AnyConfig): Promise<string[]> => {
    const httpAgent = new http.Agent({ lookup: loopbackLookup });
    const client = laneAxios(axios.create({ httpAgent }), lanes);
    return laneOfResponse(await inLane('v2', () => client.get(url, config)));
  };
  const through = (host: string): AnyConfig => ({
    proxy: { host, hostname: host, port: proxy.port },
  });

  test('egress checks a forward proxy and the origin, on each hop', async () => {
    expect(await send('http://helloworld:5000/api', through('127.0.0.1'))).toEqual(V2);
    expect(await send('http://helloworld:5000/api', through('external.example'))).toEqual(NONE);
    expect(await send('http://external.example/api', through('127.0.0.1'))).toEqual(NONE);
  });

  test('a forward proxy from the environment', async () => {
    process.env.http_proxy = `http://127.0.0.1:${proxy.port}`;
    expect(await send('http://helloworld:5000/api', {})).toEqual(V2);
    expect(await send('http://external.example/api', {})).toEqual(NONE);
    expect(await send(echo.url, { proxy: false })).toEqual(V2);
  });

  // Earlier versions send https through a forward proxy too.
  const tunneled = name.startsWith('axios 1,') || name === 'axios 1';
  test.skipIf(!tunneled)('a tunnel that axios opens carries no lane', async () => {
    const url = `https://localhost:${secure.port}/`;
    const httpsAgent = new https.Agent({ ca: secure.ca });
    expect(await send(url, { ...through('127.0.0.1'), httpsAgent })).toEqual(NONE);
    expect(tunnels).toEqual([`localhost:${secure.port} undefined`]);
    expect(await send(url, { proxy: false, httpsAgent })).toEqual(V2);
    process.env.https_proxy = `http://127.0.0.1:${proxy.port}`;
    expect(await send(url, { httpsAgent })).toEqual(NONE);
    process.env.no_proxy = 'localhost';
    expect(await send(url, { httpsAgent })).toEqual(V2);
  });
});

test('the agent of a tunnel does not get the options of the global agent', () => {
  expect([mayTunnel({ host: 'proxy' }), mayTunnel(false), mayTunnel(undefined)]).toEqual([
    true,
    false,
    false,
  ]);
  process.env.https_proxy = 'http://proxy';
  expect([mayTunnel(undefined), mayTunnel(false)]).toEqual([true, false]);
});

test('an agent that Node created for proxies from the environment stays the original, and axios replaces it', () => {
  const agent = { options: { proxyEnv: {} } };
  expect([keepsAgent(agent, false), keepsAgent(agent, undefined)]).toEqual([true, false]);
  expect([keepsAgent(new http.Agent(), false), keepsAgent(undefined, false)]).toEqual([false, false]);
});
