import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { json } from 'node:stream/consumers';
import { collectDrops, type EchoedRequest, headerLines, loopbackLookup, useEcho } from '@laneway/testing';
import followRedirects from 'follow-redirects';
import { describe, expect, test } from 'vitest';
import { callAgent, originalAgent, type HttpAgent } from './index.js';

const { lanes, echo, inLane } = useEcho();
const lookup = loopbackLookup;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const hasNodeProxy = major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);

const agentOf = (original?: unknown): HttpAgent =>
  callAgent(original, http, { lanes, lane: lanes.current() }) as HttpAgent;
const agentInLane = (original?: unknown): HttpAgent => inLane('v2', () => agentOf(original));

async function laneSeen(request: ClientRequest): Promise<string> {
  request.end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return headerLines((await json(response)) as EchoedRequest, 'version').join('|');
}

describe('a request, wherever it is created', () => {
  test('has the lane of the call if egress allows its destination', async () => {
    const agent = agentInLane(new http.Agent({ lookup }));
    expect(await inLane('v3', () => laneSeen(http.get(echo.url, { agent })))).toBe('v2');
    expect(await laneSeen(http.get(`http://external.example:${echo.port}/`, { agent }))).toBe('');
  });

  test('egress checks a forward proxy and the origin', async () => {
    const agent = agentInLane(new http.Agent({ lookup }));
    const ask = (path: string, host = '127.0.0.1'): Promise<string> =>
      laneSeen(http.get({ host, port: echo.port, path, agent }));
    expect(await ask('http://helloworld:5000/api')).toBe('v2');
    expect(await ask('http://helloworld:5000/api', 'external.example')).toBe('');
    const drops = await collectDrops(async () => {
      expect(await ask('http://external.example/api')).toBe('');
    });
    expect(drops).toEqual([{ reason: 'egress', direction: 'attach', host: 'external.example' }]);
  });

  test.runIf(hasNodeProxy)(
    "egress checks Node's built-in proxy (since Node 22.21, 24.5) and the origin behind it",
    async () => {
      const ask = (proxy: string, host: string, env: object = {}): Promise<string> => {
        const proxyEnv = { HTTP_PROXY: `http://${proxy}:${echo.port}`, ...env };
        const agent = agentInLane(new http.Agent({ proxyEnv, lookup } as object));
        return laneSeen(http.get({ host, port: echo.port, agent }));
      };
      // Node resolves the name of a proxy itself. This external name resolves to loopback.
      expect(await ask('0.0.0.0', 'helloworld')).toBe('');
      expect(await ask('127.0.0.1', 'external.example')).toBe('');
      expect(await ask('127.0.0.1', 'helloworld')).toBe('v2');
      expect(await ask('0.0.0.0', 'helloworld', { NO_PROXY: 'helloworld' })).toBe('v2');
    },
  );

  test('follow-redirects: egress decides per hop, and the lane is not copied to the next hop', async () => {
    const agents = { http: agentInLane(new http.Agent({ lookup })) };
    const hop = (host: string, to: string): string =>
      `http://${host}:${echo.port}/redirect?to=${encodeURIComponent(to)}`;
    const end = (host: string): string => `http://${host}:${echo.port}/end`;
    const headers: Record<string, string> = {};
    const follow = (url: string): Promise<string> =>
      laneSeen(followRedirects.http.get(url, { agents, headers }) as unknown as ClientRequest);
    expect(await follow(hop('127.0.0.1', '/end'))).toBe('v2');
    expect(await follow(hop('127.0.0.1', end('external.example')))).toBe('');
    expect(await follow(hop('127.0.0.1', hop('external.example', end('127.0.0.1'))))).toBe('v2');
    expect(headers).toEqual({});
  });

  test.each(['v2', 'baseline'])(
    'its events are those of the call, on a connection of another lane: %s',
    async (lane) => {
      const open = (): Socket => inLane('opener', () => connect(echo.port, '127.0.0.1'));
      const pool = Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), {
        createConnection: open,
      });
      const agent = lane === 'baseline' ? agentOf(pool) : agentInLane(pool);
      const seen: string[] = [];
      const note = (): unknown => seen.push(lanes.current().name ?? 'baseline');
      for (const path of ['/whole', '/drop']) {
        const request = http.get(`${echo.url}${path}`, { agent }, (response) => {
          for (const event of ['data', 'end', 'close']) response.on(event, note);
        });
        for (const event of ['socket', 'response', 'error']) request.on(event, note);
        await new Promise((done) => request.once('close', done));
      }
      expect(new Set(seen)).toEqual(new Set([lane]));
      expect(seen.length).toBeGreaterThan(6);
      pool.destroy();
    },
  );
});

describe('the agent', () => {
  test('the request has the original agent afterwards', async () => {
    const original = new http.Agent({ keepAlive: true }) as HttpAgent & { totalSocketCount: number };
    const agent = agentInLane(original) as typeof original;
    const request = http.get(echo.url, { agent });
    expect((request as { agent?: unknown }).agent).toBe(original);
    await laneSeen(request);
    agent.totalSocketCount = 7;
    expect([original.totalSocketCount, agent.maxSockets, agent instanceof http.Agent]).toEqual([
      7,
      Infinity,
      true,
    ]);
    original.destroy();
  });

  test('without the option, it is the agent that Node uses', () => {
    const original = new http.Agent();
    for (const option of [original, false, undefined, null])
      expect(originalAgent(agentOf(option))).toBe(option);
    expect(agentOf().sockets).toBe(http.globalAgent.sockets);
    expect(agentOf(false).sockets).not.toBe(http.globalAgent.sockets);
    // Node throws its error for these.
    for (const option of ['agent', {}, 0]) expect(agentOf(option)).toBe(option);
    expect(originalAgent(original)).toBe(original);
    expect(originalAgent(undefined)).toBe(undefined);
  });

  test('an agent with private members works', async () => {
    class Private extends http.Agent {
      #requests = 0;
      get requestCount(): number {
        return this.#requests;
      }
      addRequest(...args: unknown[]): void {
        this.#requests += 1;
        (http.Agent.prototype as HttpAgent).addRequest.apply(this, args as never);
      }
    }
    const original = new Private();
    const agent = agentInLane(original);
    expect(await laneSeen(http.get(echo.url, { agent }))).toBe('v2');
    expect((agent as unknown as Private).requestCount).toBe(1);
  });
});
