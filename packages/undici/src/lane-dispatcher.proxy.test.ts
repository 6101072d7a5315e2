import { createServer, type Server } from 'node:http';
import { connect as connectTo } from 'node:net';
import { contractLanes, close, type EchoServer, echoServer, laneHeaders, listen } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laneFetch } from '../../fetch/src/index.js';
import { laneDispatcher } from './index.js';
import { CONNECT, echoRequest, V2, linesOf, NONE, undicis } from './undici.contract.js';

const lanes = contractLanes();
const inLane = <T>(fn: () => T): T => lanes.run(lanes.capture(laneHeaders('v2')), fn);
let echo: EchoServer;
let proxy: Server;
let port: number;
beforeAll(async () => {
  echo = await echoServer();
  proxy = createServer().on('connect', (_, socket) => {
    const upstream = connectTo(echo.port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  port = await listen(proxy);
});
afterAll(async () => {
  await echo.close();
  await close(proxy);
});

// A proxy can read every header of plain http, even through a tunnel.
describe.each(undicis)('egress checks the proxy of a tunnel for plain http: %s', (_, undici) => {
  test.each([
    ['127.0.0.1', V2],
    ['external.example', NONE],
  ] as const)('ProxyAgent, %s', async (host, expected) => {
    const options = {
      uri: `http://${host}:${port}`,
      proxyTunnel: true,
      proxyTls: CONNECT,
    };
    const agent = new undici.ProxyAgent({ ...options, clientFactory: clientFactory(undici) } as never);
    expect(linesOf(await inLane(() => echoRequest(laneDispatcher(agent, lanes), echo.url)))).toEqual(
      expected,
    );
    await agent.destroy();
  });

  test.skipIf(!('EnvHttpProxyAgent' in undici)).each([
    ['127.0.0.1', V2],
    ['external.example', NONE],
  ] as const)('EnvHttpProxyAgent, %s', async (host, expected) => {
    const agent = new undici.EnvHttpProxyAgent({
      httpProxy: `http://${host}:${port}`,
      noProxy: 'helloworld',
      proxyTunnel: true,
      clientFactory: clientFactory(undici),
    } as never);
    const dispatcher = laneDispatcher(agent, lanes);
    expect(linesOf(await inLane(() => echoRequest(dispatcher, echo.url)))).toEqual(expected);
    const fetch = laneFetch(undici.fetch as never as typeof globalThis.fetch, lanes);
    const response = await inLane(() => fetch(echo.url, { dispatcher: agent } as never));
    expect(linesOf((await response.json()) as never)).toEqual(expected);
    await agent.destroy();
  });
});

/** Makes the connection to the proxy resolve every name to loopback. */
function clientFactory(undici: (typeof undicis)[number][1]): unknown {
  return (origin: URL, options: object) => new undici.Pool(origin, { ...options, connect: CONNECT as never });
}
