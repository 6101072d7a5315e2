import { createServer } from 'node:http';
import { close, listen, useEcho } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { useTunnelProxy } from '../../../test/support/tunnel-proxy.js';
import { laneFetch } from '../../fetch/src/index.js';
import { laneDispatcher } from './index.js';
import { CONNECT, echoRequest, V2, linesOf, NONE, readRequest, undicis } from './undici.contract.js';

const { lanes, echo, inLane } = useEcho();
const proxy = useTunnelProxy();

// A proxy can read every header of plain http, even through a tunnel.
describe.each(undicis)('egress checks the proxy of a tunnel for plain http: %s', (_, undici) => {
  test.each([
    ['127.0.0.1', V2],
    ['external.example', NONE],
  ] as const)('ProxyAgent, %s', async (host, expected) => {
    const options = {
      uri: `http://${host}:${proxy.port}`,
      proxyTunnel: true,
      proxyTls: CONNECT,
    };
    const agent = new undici.ProxyAgent({ ...options, clientFactory: clientFactory(undici) } as never);
    expect(linesOf(await inLane('v2', () => echoRequest(laneDispatcher(agent, lanes), echo.url)))).toEqual(
      expected,
    );
    await agent.destroy();
  });

  test.skipIf(!('EnvHttpProxyAgent' in undici)).each([
    ['127.0.0.1', V2],
    ['external.example', NONE],
  ] as const)('EnvHttpProxyAgent, %s', async (host, expected) => {
    const agent = new undici.EnvHttpProxyAgent({
      httpProxy: `http://${host}:${proxy.port}`,
      noProxy: 'helloworld',
      proxyTunnel: true,
      clientFactory: clientFactory(undici),
    } as never);
    const dispatcher = laneDispatcher(agent, lanes);
    expect(linesOf(await inLane('v2', () => echoRequest(dispatcher, echo.url)))).toEqual(expected);
    const fetch = laneFetch(undici.fetch as never as typeof globalThis.fetch, lanes);
    const response = await inLane('v2', () => fetch(echo.url, { dispatcher: agent } as never));
    expect(linesOf((await response.json()) as never)).toEqual(expected);
    await agent.destroy();
  });
});

describe.each(undicis)('a wrapped ProxyAgent: %s', (_, undici) => {
  const redirectTo = (to: string): string => `${echo.url}/redirect?to=${encodeURIComponent(to)}`;
  const makeAgent = (): InstanceType<typeof undici.ProxyAgent> =>
    new undici.ProxyAgent({ uri: `http://127.0.0.1:${proxy.port}`, proxyTunnel: true });

  test('laneFetch takes it as a dispatcher', async () => {
    const agent = makeAgent();
    const fetch = laneFetch(undici.fetch as never as typeof globalThis.fetch, lanes);
    const dispatcher = laneDispatcher(agent, lanes);
    const response = await inLane('v2', () => fetch(echo.url, { dispatcher } as never));
    expect(linesOf((await response.json()) as never)).toEqual(V2);
    expect(linesOf(await echoRequest(agent, echo.url))).toEqual(NONE);
    await agent.destroy();
  });

  test.skipIf(!('compose' in undici.Agent.prototype))(
    'composed with redirect, it sends no lane to an external host, and the ProxyAgent stays as it was',
    async () => {
      const agent = makeAgent();
      const composed = agent.compose(undici.interceptors.redirect({ maxRedirections: 5 }));
      const dispatcher = laneDispatcher(composed, lanes);
      const external = redirectTo(`http://external.example:${echo.port}/`);
      expect(linesOf(await inLane('v2', () => echoRequest(dispatcher, redirectTo('/end'))))).toEqual(V2);
      expect(linesOf(await inLane('v2', () => echoRequest(dispatcher, external)))).toEqual(NONE);
      expect((await readRequest(agent, redirectTo('/end'))).status).toBe(302);
      await agent.destroy();
    },
  );
});

// undici writes `host` into the headers that it is given, after the lane was attached.
const canForward = undicis.filter(([version]) => ['undici 7', 'undici 8'].includes(version));
describe.each(canForward)('a ProxyAgent that forwards keeps the Host of the target: %s', (_, undici) => {
  test.each([[undefined], [{ 'x-own': '1' }]])('headers %o', async (headers) => {
    const hosts: unknown[] = [];
    const forward = createServer((request, response) => {
      hosts.push([request.headers.host, request.headers.version]);
      response.end();
    });
    const options = { uri: `http://127.0.0.1:${await listen(forward)}`, proxyTunnel: false };
    const agent = new undici.ProxyAgent(options);
    for (const dispatcher of [agent, laneDispatcher(agent, lanes)]) {
      const call = { dispatcher, ...(headers && { headers }), signal: AbortSignal.timeout(2000) };
      await inLane('v2', () =>
        undici.request('http://target.internal:8080/x', call as never).catch(() => {}),
      );
    }
    expect(hosts).toEqual([
      ['target.internal:8080', undefined],
      ['target.internal:8080', 'v2'],
    ]);
    await agent.destroy();
    await close(forward);
  });
});

/** Makes the connection to the proxy resolve every name to loopback. */
function clientFactory(undici: (typeof undicis)[number][1]): unknown {
  return (origin: URL, options: object) => new undici.Pool(origin, { ...options, connect: CONNECT as never });
}
