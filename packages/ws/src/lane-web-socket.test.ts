import { once } from 'node:events';
import { Agent, createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from 'node:http';
import { LanewayAdapterError } from '@laneway/core';
import { close, collectDrops, laneBaggage, laneHeaders, listen, loopbackLookup } from '@laneway/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { laneWebSocket } from './index.js';
import { inLane, lanes, name, VERSIONS } from './ws-lane.fixture.js';

const inFullLane = <T>(version: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(version)), fn);
const servers: Server[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => close(server)));
});

describe.each(Object.keys(VERSIONS) as (keyof typeof VERSIONS)[])('%s version', (version) => {
  const { Client, Server: SocketServer } = VERSIONS[version];
  const LaneWebSocket = laneWebSocket(Client, lanes);

  /** Starts a server that answers each message, and notes the headers of each handshake. */
  async function start(): Promise<{ port: number; seen: IncomingHttpHeaders[]; server: Server }> {
    const server = createServer();
    const seen: IncomingHttpHeaders[] = [];
    const wss = new SocketServer({ server });
    wss.on('connection', (socket: WebSocket, { headers }: IncomingMessage) => {
      seen.push(headers);
      socket.on('message', () => socket.send('answer'));
    });
    const port = await listen(server);
    servers.push(server);
    return { port, seen, server };
  }

  /** Starts a server that redirects each handshake. */
  async function startRedirect(location: string): Promise<{ port: number; seen: IncomingHttpHeaders[] }> {
    const seen: IncomingHttpHeaders[] = [];
    const server = createServer();
    server.on('upgrade', ({ headers }, socket) => {
      seen.push(headers);
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
    });
    servers.push(server);
    return { port: await listen(server), seen };
  }

  async function openAndClose(open: () => WebSocket): Promise<void> {
    const client = open();
    await once(client, 'open');
    client.close();
    await once(client, 'close');
  }
  const options = { lookup: loopbackLookup, followRedirects: true };
  const versions = (seen: IncomingHttpHeaders[]): unknown[] => seen.map(({ version: lane }) => lane);

  test('the handshake carries the lane of the code that opens the socket, byte for byte; none outside a lane', async () => {
    const { port, seen } = await start();
    await openAndClose(() => inFullLane('v2', () => new LaneWebSocket(`ws://127.0.0.1:${port}`)));
    await openAndClose(() => new LaneWebSocket(new URL(`ws://127.0.0.1:${port}`)));
    expect(seen[0]).toMatchObject({ version: 'v2', 'appver-a': 'v2', baggage: laneBaggage('v2') });
    expect(seen[1]).not.toHaveProperty('version');
    expect(seen[1]).not.toHaveProperty('baggage');
  });

  test("the caller's headers win, baggage is merged, and the options are not changed", async () => {
    const { port, seen } = await start();
    const own = Object.freeze({ headers: Object.freeze({ version: 'own', baggage: 'k=v' }) });
    await openAndClose(() => inFullLane('v2', () => new LaneWebSocket(`ws://127.0.0.1:${port}`, own)));
    await openAndClose(() => inFullLane('v2', () => new LaneWebSocket(`ws://127.0.0.1:${port}`, [], own)));
    for (const headers of seen)
      expect(headers).toMatchObject({ version: 'own', baggage: expect.stringMatching(/^k=v,2=two,Lane=v2/) });
  });

  test('egress: an external host receives no lane, and the drop is reported', async () => {
    const { port, seen } = await start();
    const drops = await collectDrops(() =>
      openAndClose(() => inLane('v2', () => new LaneWebSocket(`ws://partner.example:${port}`, options))),
    );
    expect(versions(seen)).toEqual([undefined]);
    expect(drops).toEqual([expect.objectContaining({ reason: 'egress', direction: 'attach' })]);
  });

  test.each([
    ['from an internal host to an external one', 'helloworld', 'partner.example', ['v2', undefined]],
    ['from an external host to an internal one', 'partner.example', 'helloworld', [undefined, 'v2']],
    ['from an internal host to an internal one', 'helloworld', 'other.svc', ['v2', 'v2']],
  ])('redirects are judged per hop: %s', async (_name, from, to, expected) => {
    const { port, seen } = await start();
    const redirect = await startRedirect(`ws://${to}:${port}/`);
    await openAndClose(() => inLane('v2', () => new LaneWebSocket(`ws://${from}:${redirect.port}`, options)));
    expect(versions([...redirect.seen, ...seen])).toEqual(expected);
  });

  test.each([
    ['with an agent', 'helloworld', 'partner.example', ['v2', undefined]],
    ['with an agent', 'partner.example', 'helloworld', [undefined, 'v2']],
  ])('redirects %s, from %s to %s', async (_name, from, to, expected) => {
    const { port, seen } = await start();
    const redirect = await startRedirect(`ws://${to}:${port}/`);
    const agent = new Agent({ lookup: loopbackLookup });
    const withAgent = { followRedirects: true, agent };
    await openAndClose(() =>
      inLane('v2', () => new LaneWebSocket(`ws://${from}:${redirect.port}`, withAgent)),
    );
    expect(versions([...redirect.seen, ...seen])).toEqual(expected);
    expect(withAgent.agent).toBe(agent);
  });

  test('every listener runs in the lane of the code that opened the socket; send continues the code that sent', async () => {
    const { port } = await start();
    const seen: string[] = [];
    const see = (event: string) => (): void => void seen.push(`${event} ${name()}`);
    const client = inLane('v2', () => new LaneWebSocket(`ws://127.0.0.1:${port}`));
    client.addEventListener('message', see('message'));
    for (const event of ['upgrade', 'open', 'close']) inLane('adder', () => client.on(event, see(event)));
    await once(client, 'open');
    inLane('sender', () => client.send('x', see('send')));
    await once(client, 'message');
    inLane('closer', () => client.close());
    await once(client, 'close');
    expect(seen.toSorted()).toEqual(['close v2', 'message v2', 'open v2', 'send sender', 'upgrade v2']);
  });

  test('unexpected-response, its body and error run in the lane of the code that opened the socket', async () => {
    const server = createServer((_, response) => response.end('no'));
    servers.push(server);
    const port = await listen(server);
    const agent = new Agent({ keepAlive: true });
    const seen: string[] = [];
    for (const lane of ['v2', 'v3']) {
      const client = inLane(lane, () => new LaneWebSocket(`ws://127.0.0.1:${port}`, { agent }));
      await new Promise<void>((done) => {
        client.on('unexpected-response', (request, response) => {
          seen.push(name());
          response
            .on('data', () => seen.push(name()))
            .on('end', () => (request.destroy(), client.terminate()));
        });
        client.on('error', () => (seen.push(name()), done()));
      });
    }
    expect(new Set(seen.slice(0, 3))).toEqual(new Set(['v2']));
    expect(new Set(seen.slice(3))).toEqual(new Set(['v3']));
    agent.destroy();
  });

  test('the class is like its original', () => {
    expect(LaneWebSocket.name).toBe(Client.name);
    expect(LaneWebSocket.OPEN).toBe(1);
    expect(LaneWebSocket.prototype).toBeInstanceOf(Client);
    expect(() => inLane('v2', () => new LaneWebSocket('no url'))).toThrow(SyntaxError);
  });
});

test.each([undefined, () => {}, EventTarget, {}])(
  'laneWebSocket refuses what is not a class of ws clients',
  (value) => {
    const call = (): unknown => laneWebSocket(value as never, lanes);
    expect(call).toThrow(LanewayAdapterError);
    expect(call).toThrow(/laneWebSocket received .*, not a class of ws clients/);
  },
);
