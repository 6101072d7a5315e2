import { loopbackLookup, useEcho } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { laneDispatcher } from '@laneway/undici';
import { useTunnelProxy } from '../../../test/support/tunnel-proxy.js';
import { echoRequest, linesOf, NONE, undicis, V2 } from '../../undici/src/undici.contract.js';
import { instrumentHttp } from './index.js';

const { lanes, echo, inLane } = useEcho();
const proxy = useTunnelProxy();

// A proxy can read every header of plain http, even through a tunnel.
describe.each(undicis)('%s: egress checks the proxy of a ProxyAgent', (_, undici) => {
  const options = (host: string): never =>
    ({
      uri: `http://${host}:${proxy.port}`,
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
      linesOf(await inLane('v2', () => echoRequest(dispatcher, echo.url)));
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
