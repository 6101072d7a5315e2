import http from 'node:http';
import https from 'node:https';
import { connect as connectSocket } from 'node:net';
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
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type AnyConfig, type AnyResponse, clients } from './clients.contract.js';
import { laneAxios } from './index.js';
import { keepsAgent, mayTunnel } from './proxies.js';

const lanes = contractLanes();
const VARIABLES = ['http_proxy', 'https_proxy', 'no_proxy'];
const tunnels: string[] = [];
const sockets: { destroy(): void }[] = [];
// Answers forwarded requests itself, and opens tunnels to loopback, whatever the name.
const proxy = http.createServer((request, response) => echo.server.emit('request', request, response));
proxy.on('connect', (request, socket) => {
  tunnels.push(`${request.url} ${String(request.headers.version)}`);
  const upstream = connectSocket(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
    socket.write('HTTP/1.1 200 OK\r\n\r\n');
    upstream.pipe(socket).pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
  sockets.push(socket);
});
let echo: EchoServer;
let secure: https.Server;
let ca: string;
const ports = { proxy: 0, secure: 0 };
beforeAll(async () => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  ca = cert;
  echo = await echoServer();
  secure = https.createServer({ key, cert }, (request, response) =>
    echo.server.emit('request', request, response),
  );
  ports.proxy = await listen(proxy);
  ports.secure = await listen(secure);
});
afterEach(() => {
  tunnels.length = 0;
  for (const name of VARIABLES) Reflect.deleteProperty(process.env, name);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await close(secure);
  await close(proxy);
  await echo.close();
});

const laneOf = ({ data }: AnyResponse): string[] =>
  ['version', 'baggage'].map((name) => headerLines(data as EchoedRequest, name).join('|'));
const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];

describe.each(clients)('$name', ({ name, axios }) => {
  const send = async (url: string, config: AnyConfig): Promise<string[]> => {
    const httpAgent = new http.Agent({ lookup: loopbackLookup });
    const client = laneAxios(axios.create({ httpAgent }), lanes);
    return laneOf(await lanes.run(lanes.capture(laneHeaders('v2')), () => client.get(url, config)));
  };
  const through = (host: string): AnyConfig => ({
    proxy: { host, hostname: host, port: ports.proxy },
  });

  test('egress checks a forward proxy and the origin, on each hop', async () => {
    expect(await send('http://helloworld:5000/api', through('127.0.0.1'))).toEqual(V2);
    expect(await send('http://helloworld:5000/api', through('external.example'))).toEqual(NONE);
    expect(await send('http://external.example/api', through('127.0.0.1'))).toEqual(NONE);
  });

  test('a forward proxy from the environment', async () => {
    process.env.http_proxy = `http://127.0.0.1:${ports.proxy}`;
    expect(await send('http://helloworld:5000/api', {})).toEqual(V2);
    expect(await send('http://external.example/api', {})).toEqual(NONE);
    expect(await send(echo.url, { proxy: false })).toEqual(V2);
  });

  // Earlier versions send https through a forward proxy too.
  const tunneled = name.startsWith('axios 1,') || name === 'axios 1';
  test.skipIf(!tunneled)('a tunnel that axios opens carries no lane', async () => {
    const url = `https://localhost:${ports.secure}/`;
    const httpsAgent = new https.Agent({ ca });
    expect(await send(url, { ...through('127.0.0.1'), httpsAgent })).toEqual(NONE);
    expect(tunnels).toEqual([`localhost:${ports.secure} undefined`]);
    expect(await send(url, { proxy: false, httpsAgent })).toEqual(V2);
    process.env.https_proxy = `http://127.0.0.1:${ports.proxy}`;
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
