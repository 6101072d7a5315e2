import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { connect, type Socket } from 'node:net';
import {
  close,
  type EchoedRequest,
  headerLines,
  laneBaggage,
  laneHeaders,
  listen,
  loopbackLookup,
  testUnless,
  useEcho,
} from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { type AnyFetch, clients } from './clients.contract.js';
import { laneFetch } from './index.js';

const { lanes, echo, inLane } = useEcho();

const MERGED = 'own=1,2=two,Lane=v2;p1 = x;flag,userId=%41lice%20%C3%BC,1=one,empty=';
const OPTIONS = { lookup: loopbackLookup };
const LANE = ['version', 'appver-a', 'baggage'];

async function sendWith(fetch: AnyFetch, url: string | object, init?: object): Promise<EchoedRequest> {
  return (await (await inLane('v2', () => fetch(url, init))).json()) as EchoedRequest;
}

const nodeFetches = clients.filter(({ kind }) => kind === 'node-fetch');

describe.each(nodeFetches)('$name', ({ fetch: original, Request, name }) => {
  const fetch = laneFetch(original, lanes);
  const { globalAgent } = http;
  const send = (url: string | object, init?: object): Promise<EchoedRequest> => sendWith(fetch, url, init);

  const kept = new http.Agent({ keepAlive: true });
  afterAll(() => kept.destroy());
  test.each([
    ['no agent', {}],
    ['a function that returns no agent', { agent: () => undefined }],
    ['an agent', { agent: kept }],
    ['an agent that closes', { agent: new http.Agent() }],
    ['a new agent each time', { agent: () => false }],
    ['a Connection header of the caller', { headers: { Connection: 'close' } }],
    ['a body', { method: 'POST', body: 'body' }],
  ])('the lane is the only difference on the wire: %s', async (_, init) => {
    const plain = (await (await original(echo.url, init)).json()) as EchoedRequest;
    const seen = await send(echo.url, init);
    const others = seen.headers.filter(([header]) => !LANE.includes(header));
    // Sorted, because Node writes `Connection: close` in another place than node-fetch.
    expect(new Set(others.map(String))).toEqual(new Set(plain.headers.map(String)));
    expect(LANE.map((header) => headerLines(seen, header))).toEqual([['v2'], ['v2'], [laneBaggage('v2')]]);
    expect(http.globalAgent).toBe(globalAgent);
  });

  test('an agent is chosen for each hop, with its URL', async () => {
    const hops: string[] = [];
    const agent = new http.Agent(OPTIONS);
    const choose = (url: URL): http.Agent => {
      hops.push(url.hostname);
      return agent;
    };
    const to = encodeURIComponent(`http://host.internal:${echo.port}/`);
    const seen = await send(`${echo.url}/redirect?to=${to}`, { agent: choose });
    expect(headerLines(seen, 'version')).toEqual(['v2']);
    expect(hops).toEqual(['127.0.0.1', 'host.internal']);
  });

  test('the agent of a Request is used, unless the options have one', async () => {
    const used: string[] = [];
    class Agent extends http.Agent {
      constructor(readonly label: string) {
        super(OPTIONS);
      }
      addRequest(...args: unknown[]): void {
        used.push(this.label);
        (http.Agent.prototype as unknown as { addRequest(...args: unknown[]): void }).addRequest.apply(
          this,
          args,
        );
      }
    }
    const request = new (Request as new (url: string, init: object) => object)(
      `http://host.internal:${echo.port}/`,
      { agent: new Agent('request') },
    );
    expect(headerLines(await send(request), 'version')).toEqual(['v2']);
    expect(headerLines(await send(request, { agent: new Agent('options') }), 'version')).toEqual(['v2']);
    expect(used).toEqual(['request', 'options']);
  });

  test('an agent with private members works, and is request.agent', async () => {
    const requests: http.ClientRequest[] = [];
    class Private {
      #inner = new http.Agent() as http.Agent & { addRequest(...args: unknown[]): void };
      get protocol(): string | undefined {
        return (this.#inner as { protocol?: string }).protocol;
      }
      addRequest(request: http.ClientRequest, ...args: unknown[]): void {
        requests.push(request);
        this.#inner.addRequest(request, ...args);
      }
    }
    const agent = Object.freeze(new Private());
    expect(headerLines(await send(echo.url, { agent }), 'version')).toEqual(['v2']);
    expect(requests.map((request) => (request as { agent?: unknown }).agent)).toEqual([agent]);
  });

  test('Expect: 100-continue, whose headers Node writes before it calls the agent', async () => {
    const init = { method: 'POST', body: 'body', headers: { Expect: '100-continue', Baggage: 'own=1' } };
    const seen = await send(echo.url, init);
    expect(seen.body).toBe('body');
    expect(headerLines(seen, 'version')).toEqual(['v2']);
    expect(headerLines(seen, 'baggage')).toEqual([MERGED]);
    expect(headerLines(seen, 'host')).toHaveLength(1);
  });

  testUnless(name === 'node-fetch 3.3.2' && 'it looks the address up with its brackets')(
    'an IPv6 address',
    async () => {
      const server = http.createServer((request, response) => echo.server.emit('request', request, response));
      await once(server.listen(0, '::1'), 'listening');
      const { port } = server.address() as { port: number };
      expect(headerLines(await send(`http://[::1]:${port}/`), 'version')).toEqual(['v2']);
      await close(server);
    },
  );

  test("an invalid agent gives the client's error, and node:http stays unchanged", async () => {
    const errorOf = (fn: AnyFetch, init: object): Promise<unknown> =>
      fn(echo.url, init).then(
        () => expect.fail('no error'),
        (error: Error) => `${error.name}: ${error.message}`,
      );
    const expected = await errorOf(original, { agent: 'agent' });
    expect(await inLane('v2', () => errorOf(fetch, { agent: 'agent' }))).toBe(expected);
    expect(http.globalAgent).toBe(globalAgent);
  });

  test('a request that fails before it has an agent does not change the global agent', async () => {
    const unsendable = { method: 'NO METHOD' };
    const foreign: Promise<EchoedRequest>[] = [];
    const calls = inLane('v2', () => {
      const attempts = [fetch(echo.url, unsendable), fetch(`${echo.url}/a`), fetch(echo.url, unsendable)];
      // A baseline request in the same turn must not get the lane of a call whose agent replaces the global one.
      foreign.push(
        new Promise((resolve, reject) => {
          http.get(`${echo.url}/foreign`, (response) => {
            response
              .on('data', (chunk) => resolve(JSON.parse(String(chunk)) as EchoedRequest))
              .on('error', reject);
          });
        }),
      );
      return attempts;
    });
    await Promise.allSettled(calls);
    expect(headerLines((await foreign[0])!, 'version')).toEqual([]);
    expect(http.globalAgent).toBe(globalAgent);
  });

  test('https', async () => {
    const before = https.globalAgent;
    const error = await inLane('v2', () => fetch(`https://127.0.0.1:${echo.port}/`)).catch(
      (reason: unknown) => reason,
    );
    const expected = await original(`https://127.0.0.1:${echo.port}/`).catch((reason: unknown) => reason);
    expect((error as Error).constructor).toBe((expected as Error).constructor);
    expect(https.globalAgent).toBe(before);
  });

  test('listeners of a complete or broken body run in the lane, over a connection that another lane opened', async () => {
    const server = http.createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-length': '1000000' }).write('x'.repeat(100_000));
      if (request.url === '/broken') setImmediate(() => request.socket.destroy());
      else response.end('x'.repeat(900_000));
    });
    const port = await listen(server);
    // Another lane opens the connection, as in a pool that opens connections ahead of time.
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const open = (): Socket =>
      lanes.run(lanes.capture(laneHeaders('opener')), () => connect(port, '127.0.0.1'));
    Object.assign(agent, { createConnection: open });
    const seen: string[] = [];
    const note = (what: string) => (): void => void seen.push(`${what} ${lanes.current().name}`);
    // node-fetch 2 does not report a broken body.
    const paths = name.startsWith('node-fetch 2') ? ['whole'] : ['whole', 'broken'];
    for (const path of paths) {
      await inLane('v2', async () => {
        const { body } = await fetch(`http://127.0.0.1:${port}/${path}`, { agent });
        for (const event of ['data', 'end', 'error', 'close']) body.on(event, note(event));
        await new Promise((done) => body.once('end', done).once('error', done));
      });
    }
    expect(new Set(seen.map((line) => line.split(' ')[1]))).toEqual(new Set(['v2']));
    expect(seen.length).toBeGreaterThan(3 * paths.length);
    agent.destroy();
    await close(server);
  });
});
