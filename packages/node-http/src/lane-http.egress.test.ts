import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { LanewayAdapterError } from '@laneway/core';
import { close, collectDrops, type EchoedRequest, laneOf, loopbackLookup, useEcho } from '@laneway/testing';
import followRedirects from 'follow-redirects';
import { describe, expect, test } from 'vitest';
import { laneHttp } from './index.js';

const { lanes, echo, inLane } = useEcho();
const wrapped = laneHttp(http, lanes);
const lookup = loopbackLookup;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasNodeProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);

async function answerTo(request: ClientRequest): Promise<EchoedRequest> {
  const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
  return (await json(response)) as EchoedRequest;
}

/** What the server saw of one call that is made in lane v2. */
const sendInLane = (send: () => ClientRequest): Promise<EchoedRequest> => answerTo(inLane('v2', send));

describe('egress', () => {
  const sentLane = async (send: () => ClientRequest): Promise<unknown> => {
    let seen: unknown[] = [];
    const drops = await collectDrops(async () => {
      seen = laneOf(await sendInLane(send));
    });
    return seen.join('') === '' ? drops.map(({ reason, host }) => `${reason} ${host}`).join() : seen[0];
  };
  const EXTERNAL = 'external.example';
  const agent = (options: object): http.Agent => new http.Agent(options);

  const externals: Record<string, () => ClientRequest> = {
    'the URL': () => wrapped.get(`http://${EXTERNAL}:${echo.port}/`, { lookup }),
    "the URL's name over the option host": () =>
      wrapped.get(`http://${EXTERNAL}:${echo.port}/`, { host: '127.0.0.1', lookup }),
    'the option hostname over the URL': () => wrapped.get(echo.url, { hostname: EXTERNAL, lookup }),
    'the option hostname over host': () =>
      wrapped.get({ host: '127.0.0.1', hostname: EXTERNAL, port: echo.port, lookup }),
    'the option host, whatever the Host header says': () =>
      wrapped.get({ host: EXTERNAL, headers: { host: 'localhost' }, port: echo.port, lookup }),
    "the agent's own host": () => wrapped.get(echo.url, { agent: agent({ host: EXTERNAL, lookup }) }),
  };
  test.each(Object.entries(externals))('no lane is sent to an external host in %s', async (_, send) => {
    expect(await sentLane(send)).toBe(`egress ${EXTERNAL}`);
  });

  const absolute = (path: string, host = '127.0.0.1'): ClientRequest =>
    wrapped.get({ host, port: echo.port, path, lookup });

  test('egress checks a forward proxy and the origin', async () => {
    expect(await sentLane(() => absolute(`http://${EXTERNAL}/api`))).toBe(`egress ${EXTERNAL}`);
    expect(await sentLane(() => absolute(`HTTP://${EXTERNAL}/api`))).toBe(`egress ${EXTERNAL}`);
    expect(await sentLane(() => absolute('http://helloworld:5000/api', EXTERNAL))).toBe(`egress ${EXTERNAL}`);
    expect(await sentLane(() => absolute('http://helloworld:5000/api'))).toBe('v2');
    expect(await sentLane(() => absolute('/path?to=http://external.example/'))).toBe('v2');
  });

  test.runIf(hasNodeProxy)(
    "egress checks Node's built-in proxy (since Node 22.21, 24.5) and the origin behind it",
    async () => {
      const ask = (proxy: string, host: string, env: object = {}): ClientRequest => {
        const proxyEnv = { HTTP_PROXY: `http://${proxy}:${echo.port}`, ...env };
        return wrapped.get({ host, port: echo.port, lookup, agent: agent({ proxyEnv, lookup }) });
      };
      // Node resolves the name of a proxy itself. This external name resolves to loopback.
      expect(await sentLane(() => ask('0.0.0.0', 'helloworld'))).toBe('egress 0.0.0.0');
      expect(await sentLane(() => ask('127.0.0.1', EXTERNAL))).toBe(`egress ${EXTERNAL}`);
      expect(await sentLane(() => ask('127.0.0.1', 'helloworld'))).toBe('v2');
      expect(await sentLane(() => ask('0.0.0.0', 'helloworld', { NO_PROXY: 'helloworld' }))).toBe('v2');
    },
  );

  test('the URL names an external host, and the options override it', async () => {
    expect(
      await sentLane(() => wrapped.get(`http://${EXTERNAL}:${echo.port}/`, { hostname: '127.0.0.1' })),
    ).toBe('v2');
  });

  test('an IPv6 address, a name of the cluster, and localhost by default', async () => {
    const server = http.createServer((request, response) => echo.server.emit('request', request, response));
    await once(server.listen(0, '::1'), 'listening');
    const { port } = server.address() as { port: number };
    expect(await sentLane(() => wrapped.get(`http://[::1]:${port}/`))).toBe('v2');
    expect(await sentLane(() => wrapped.get({ host: '::1', port }))).toBe('v2');
    await close(server);
    expect(await sentLane(() => wrapped.get(`http://helloworld.default.svc:${echo.port}/`, { lookup }))).toBe(
      'v2',
    );
    expect(await sentLane(() => wrapped.get({ port: echo.port, lookup }))).toBe('v2');
  });

  test('rejects a module that follows redirects, which would send the lane to every hop', () => {
    // Their types do not fit either.
    for (const module of [followRedirects.http, followRedirects.https] as never[]) {
      expect(() => laneHttp(module, lanes)).toThrow(LanewayAdapterError);
      expect(() => laneHttp(module, lanes)).toThrow(/wrap\(\{ http: laneHttp\(http\), https: .*\}\)\.$/);
    }
  });

  test('a redirect keeps the lane for internal hosts, drops it for external ones, and restores it on the way back', async () => {
    const { http: redirecting } = followRedirects.wrap({ http: wrapped, https: wrapped });
    const hop = (host: string, to: string): string =>
      `http://${host}:${echo.port}/redirect?to=${encodeURIComponent(to)}`;
    const end = (host: string): string => `http://${host}:${echo.port}/end`;
    const follow = async (url: string): Promise<unknown> => {
      const request = inLane('v2', () => (redirecting as unknown as typeof http).get(url, { lookup }));
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return laneOf(await json(response))[0];
    };
    expect(await follow(hop('127.0.0.1', '/end'))).toBe('v2');
    expect(await follow(hop('127.0.0.1', end('external.example')))).toBe('');
    expect(await follow(hop('external.example', end('127.0.0.1')))).toBe('v2');
  });
});
