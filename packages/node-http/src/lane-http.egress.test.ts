import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { LanewayAdapterError } from '@laneway/core';
import {
  close,
  collectDrops,
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  headerLines,
  laneHeaders,
  loopbackLookup,
} from '@laneway/testing';
import followRedirects from 'follow-redirects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laneHttp } from './index.js';

const lanes = contractLanes();
const laned = laneHttp(http, lanes);
const lookup = loopbackLookup;
let echo: EchoServer;
beforeAll(async () => {
  echo = await echoServer();
});
afterAll(() => echo.close());

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasNodeProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);

const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);

async function answerTo(request: ClientRequest): Promise<EchoedRequest> {
  const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
  return (await json(response)) as EchoedRequest;
}

/** What the server saw of one call that is made in lane v2. */
const sendInLane = (send: () => ClientRequest): Promise<EchoedRequest> => answerTo(inLane('v2', send));
const laneOf = (seen: EchoedRequest): (string | undefined)[] => [
  headerLines(seen, 'version').join('|'),
  headerLines(seen, 'baggage').join('|'),
];

describe('egress', () => {
  const leaves = async (send: () => ClientRequest): Promise<unknown> => {
    let seen: unknown[] = [];
    const drops = await collectDrops(async () => {
      seen = laneOf(await sendInLane(send));
    });
    return seen.join('') === '' ? drops.map(({ reason, host }) => `${reason} ${host}`).join() : seen[0];
  };
  const STRANGER = 'stranger.example';
  const agent = (options: object): http.Agent => new http.Agent(options);

  const strangers: Record<string, () => ClientRequest> = {
    'the URL': () => laned.get(`http://${STRANGER}:${echo.port}/`, { lookup }),
    "the URL's name over the option host": () =>
      laned.get(`http://${STRANGER}:${echo.port}/`, { host: '127.0.0.1', lookup }),
    'the option hostname over the URL': () => laned.get(echo.url, { hostname: STRANGER, lookup }),
    'the option hostname over host': () =>
      laned.get({ host: '127.0.0.1', hostname: STRANGER, port: echo.port, lookup }),
    'the option host, whatever the Host header says': () =>
      laned.get({ host: STRANGER, headers: { host: 'localhost' }, port: echo.port, lookup }),
    "the agent's own host": () => laned.get(echo.url, { agent: agent({ host: STRANGER, lookup }) }),
  };
  test.each(Object.entries(strangers))('nothing leaves for a stranger named by %s', async (_, send) => {
    expect(await leaves(send)).toBe(`egress ${STRANGER}`);
  });

  const absolute = (path: string, host = '127.0.0.1'): ClientRequest =>
    laned.get({ host, port: echo.port, path, lookup });

  test('a forward proxy, and what it is asked for, are both judged', async () => {
    expect(await leaves(() => absolute(`http://${STRANGER}/api`))).toBe(`egress ${STRANGER}`);
    expect(await leaves(() => absolute(`HTTP://${STRANGER}/api`))).toBe(`egress ${STRANGER}`);
    expect(await leaves(() => absolute('http://helloworld:5000/api', STRANGER))).toBe(`egress ${STRANGER}`);
    expect(await leaves(() => absolute('http://helloworld:5000/api'))).toBe('v2');
    expect(await leaves(() => absolute('/path?to=http://stranger.example/'))).toBe('v2');
  });

  test.runIf(hasNodeProxy)(
    "Node's own proxy (since Node 22.21, 24.5), and what it is asked for, are both judged",
    async () => {
      const ask = (proxy: string, host: string, env: object = {}): ClientRequest => {
        const proxyEnv = { HTTP_PROXY: `http://${proxy}:${echo.port}`, ...env };
        return laned.get({ host, port: echo.port, lookup, agent: agent({ proxyEnv, lookup }) });
      };
      // Node looks a proxy up by itself: a stranger that leads to loopback.
      expect(await leaves(() => ask('0.0.0.0', 'helloworld'))).toBe('egress 0.0.0.0');
      expect(await leaves(() => ask('127.0.0.1', STRANGER))).toBe(`egress ${STRANGER}`);
      expect(await leaves(() => ask('127.0.0.1', 'helloworld'))).toBe('v2');
      expect(await leaves(() => ask('0.0.0.0', 'helloworld', { NO_PROXY: 'helloworld' }))).toBe('v2');
    },
  );

  test('the URL names a stranger, and an option over it does not', async () => {
    expect(await leaves(() => laned.get(`http://${STRANGER}:${echo.port}/`, { hostname: '127.0.0.1' }))).toBe(
      'v2',
    );
  });

  test('an IPv6 address, a name of the cluster, and localhost by default', async () => {
    const server = http.createServer((request, response) => echo.server.emit('request', request, response));
    await once(server.listen(0, '::1'), 'listening');
    const { port } = server.address() as { port: number };
    expect(await leaves(() => laned.get(`http://[::1]:${port}/`))).toBe('v2');
    expect(await leaves(() => laned.get({ host: '::1', port }))).toBe('v2');
    await close(server);
    expect(await leaves(() => laned.get(`http://helloworld.default.svc:${echo.port}/`, { lookup }))).toBe(
      'v2',
    );
    expect(await leaves(() => laned.get({ port: echo.port, lookup }))).toBe('v2');
  });

  test('a module that follows redirects is refused with a remedy: it would send its headers to every hop', () => {
    // Their types do not fit either.
    for (const module of [followRedirects.http, followRedirects.https] as never[]) {
      expect(() => laneHttp(module, lanes)).toThrow(LanewayAdapterError);
      expect(() => laneHttp(module, lanes)).toThrow(/wrap\(\{ http: laneHttp\(http\), https: .*\}\)\.$/);
    }
  });

  test('a redirect is decided by itself: kept, dropped at a stranger, back again', async () => {
    const { http: redirecting } = followRedirects.wrap({ http: laned, https: laned });
    const hop = (host: string, to: string): string =>
      `http://${host}:${echo.port}/redirect?to=${encodeURIComponent(to)}`;
    const end = (host: string): string => `http://${host}:${echo.port}/end`;
    const follow = async (url: string): Promise<unknown> => {
      const request = inLane('v2', () => (redirecting as unknown as typeof http).get(url, { lookup }));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return laneOf((await json(response)) as EchoedRequest)[0];
    };
    expect(await follow(hop('127.0.0.1', '/end'))).toBe('v2');
    expect(await follow(hop('127.0.0.1', end('stranger.example')))).toBe('');
    expect(await follow(hop('stranger.example', end('127.0.0.1')))).toBe('v2');
  });
});
