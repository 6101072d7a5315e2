import { createServer, type Server } from 'node:http';
import { connect as connectTo } from 'node:net';
import {
  close,
  contractLanes,
  type EchoServer,
  echoServer,
  laneHeaders,
  listen,
  loopbackLookup,
} from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laneDispatcher } from '@laneway/undici';
import { echoRequest, linesOf, NONE, undicis, V2 } from '../../undici/src/undici.contract.js';
import { instrumentHttp } from './index.js';

const lanes = contractLanes();
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
describe.each(undicis)('%s: egress checks the proxy of a ProxyAgent', (_, undici) => {
  const options = (host: string): never =>
    ({
      uri: `http://${host}:${port}`,
      proxyTunnel: true,
      clientFactory: (origin: URL, defaults: object) =>
        new undici.Pool(origin, { ...defaults, connect: { lookup: loopbackLookup } }),
      proxyTls: { lookup: loopbackLookup },
    }) as never;

  test.each([
    ['127.0.0.1', V2],
    ['external.example', NONE],
  ] as const)('%s', async (host, expected) => {
    const agent = new undici.ProxyAgent(options(host));
    const send = async (dispatcher: never): Promise<string[][]> =>
      linesOf(await lanes.run(lanes.capture(laneHeaders('v2')), () => echoRequest(dispatcher, echo.url)));
    // undici 6.0 has no `RetryAgent`.
    const outer = 'RetryAgent' in undici ? new undici.RetryAgent(agent) : agent;
    expect(await send(laneDispatcher(outer as never, lanes))).toEqual(expected);
    const { restore } = instrumentHttp(lanes, { undici: [undici] as never });
    try {
      const other = new undici.ProxyAgent(options(host));
      expect(await send(other as never)).toEqual(expected);
      await other.destroy();
    } finally {
      restore();
    }
    await agent.destroy();
  });
});
