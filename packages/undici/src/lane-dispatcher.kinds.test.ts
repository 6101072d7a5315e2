import { createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { connect as connectTo } from 'node:net';
import { close, type EchoedRequest, headerLines, listen, testUnless, useEcho } from '@laneway/testing';
import type { Dispatcher } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { laneDispatcher } from './index.js';
import { CONNECT, echoRequest, V2, linesOf, NONE, readRequest, undicis } from './undici.contract.js';

const { lanes, echo, inLane } = useEcho();

describe.each(undicis)('%s', (version, undici) => {
  const { Agent, BalancedPool, Client, MockAgent, Pool, ProxyAgent, RetryAgent } = undici;
  const opened: Dispatcher[] = [];
  const open = <D extends Dispatcher>(dispatcher: D): D => {
    opened.push(dispatcher);
    return laneDispatcher(dispatcher, lanes);
  };
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((dispatcher) => dispatcher.destroy()));
  });
  const send = (dispatcher: Dispatcher, url = echo.url, options = {}): Promise<EchoedRequest> =>
    echoRequest(dispatcher, url, options);

  test('a Client and a Pool, whose requests name no origin', async () => {
    for (const dispatcher of [new Client(echo.url), new Pool(echo.url, { connections: 1 })]) {
      const seen = await inLane('v2', async () => {
        const { body } = await open(dispatcher).request({ path: '/', method: 'GET' });
        return (await body.json()) as EchoedRequest;
      });
      expect(linesOf(seen)).toEqual(V2);
    }
  });

  test('egress checks the origin of a Client, whatever origin the request names', async () => {
    const external = `http://external.example:${echo.port}`;
    const pinned = open(new Client(external, { connect: CONNECT }));
    expect(linesOf(await inLane('v2', () => send(pinned)))).toEqual(NONE);
    const home = open(new Client(echo.url));
    expect(linesOf(await inLane('v2', () => send(home, `${external}/`)))).toEqual(NONE);
    const asked = open(new Client(echo.url));
    expect(linesOf(await inLane('v2', () => send(asked, echo.url, { path: `${external}/` })))).toEqual(NONE);
    expect(linesOf(await inLane('v2', () => send(asked, echo.url, { path: `${echo.url}/` })))).toEqual(V2);
  });

  test('a BalancedPool: egress checks each upstream', async () => {
    const external = `http://external.example:${echo.port}`;
    const pool = open(
      new BalancedPool([echo.url, external], { factory: (origin) => new Pool(origin, { connect: CONNECT }) }),
    );
    const seen = await Promise.all(
      Array.from({ length: 4 }, () =>
        inLane('v2', async () => {
          const { body } = await pool.request({ path: '/', method: 'GET' });
          return (await body.json()) as EchoedRequest;
        }),
      ),
    );
    for (const request of seen) {
      const isExternal = headerLines(request, 'host')[0]?.startsWith('external');
      expect(linesOf(request)).toEqual(isExternal ? NONE : V2);
    }
    expect(new Set(seen.map((request) => headerLines(request, 'host')[0])).size).toBe(2);
  });

  testUnless(!RetryAgent && 'this version does not have it')(
    'a RetryAgent: each attempt in the lane of the call',
    async () => {
      let fail = 2;
      const server = createServer((request, response) => {
        if (fail-- > 0) response.writeHead(503).end();
        else response.end(String(request.headers.version));
      });
      const url = `http://127.0.0.1:${await listen(server)}`;
      const retry = { minTimeout: 1, maxRetries: 5 };
      for (const dispatcher of [
        laneDispatcher(new RetryAgent(new Agent(), retry), lanes),
        new RetryAgent(laneDispatcher(new Agent(), lanes), retry),
      ]) {
        fail = 2;
        expect((await inLane('v2', () => readRequest(dispatcher, url))).body).toBe('v2');
        await dispatcher.close();
      }
      await close(server);
    },
  );

  test('a MockAgent sees the lane and answers', async () => {
    const mock = laneDispatcher(new MockAgent(), lanes);
    mock.disableNetConnect();
    mock
      .get('http://helloworld:5000')
      .intercept({ path: '/', headers: { version: 'v2' } })
      .reply(200, 'mocked');
    expect((await inLane('v2', () => readRequest(mock, 'http://helloworld:5000/'))).body).toBe('mocked');
    await mock.close();
  });

  test('a ProxyAgent: CONNECT carries no lane, and egress checks the origin behind the tunnel', async () => {
    const tunnels: (string | undefined)[] = [];
    const proxy = createServer(forward).on('connect', (request, socket) => {
      tunnels.push(request.headers.version as string | undefined);
      const upstream = connectTo(echo.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
    });
    const agent = open(new ProxyAgent({ uri: `http://127.0.0.1:${await listen(proxy)}`, proxyTunnel: true }));
    expect(linesOf(await inLane('v2', () => send(agent)))).toEqual(V2);
    const external = `http://external.example:${echo.port}/`;
    expect(linesOf(await inLane('v2', () => send(agent, external)))).toEqual(NONE);
    expect(tunnels).toEqual([undefined, undefined]);
    await agent.destroy();
    await close(proxy);
  });

  const cannotForward = !['undici 7', 'undici 8'].includes(version) && 'it always opens a tunnel';
  testUnless(cannotForward)(
    'a ProxyAgent that forwards: egress checks the proxy and the origin',
    async () => {
      const proxy = createServer(forward);
      const port = await listen(proxy);
      for (const [host, expected] of [
        ['127.0.0.1', V2],
        ['external.example', NONE],
      ] as const) {
        const options = { uri: `http://${host}:${port}`, proxyTunnel: false, proxyTls: CONNECT as never };
        const agent = open(new ProxyAgent(options));
        expect(linesOf(await inLane('v2', () => send(agent)))).toEqual(expected);
        const external = `http://external.example:${echo.port}/`;
        expect(linesOf(await inLane('v2', () => send(agent, external)))).toEqual(NONE);
        await agent.destroy();
      }
      await close(proxy);
    },
  );

  test('upgrade and connect', async () => {
    const server = createServer()
      .on('upgrade', (request, socket) => {
        socket.end(
          `HTTP/1.1 101 ok\r\nconnection: upgrade\r\nupgrade: ${String(request.headers.version)}\r\n\r\n`,
        );
      })
      .on('connect', (request, socket) => {
        socket.end(`HTTP/1.1 200 ok\r\nx-lane: ${String(request.headers.version)}\r\n\r\n`);
      });
    const client = open(new Client(`http://127.0.0.1:${await listen(server)}`));
    const upgraded = await inLane('v2', () => client.upgrade({ path: '/', protocol: 'v' }));
    expect(upgraded.headers.upgrade).toBe('v2');
    upgraded.socket.destroy();
    const connected = await inLane('v2', () => client.connect({ path: '/' }));
    expect((connected.headers as Record<string, string>)['x-lane']).toBe('v2');
    connected.socket.destroy();
    await client.destroy();
    await close(server);
  });
});

/** A minimal forward proxy: sends the headers to the echo server. */
function forward(request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = httpRequest(echo.url, { method, headers }, (answer) => void answer.pipe(response));
  request.pipe(onward);
}
