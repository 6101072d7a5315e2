import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { BASELINE, LanewayAdapterError } from '@laneway/core';
import { close, contractLanes, listen, loopbackLookup } from '@laneway/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type EventTargetClass, laneEventSource, laneWebSocket } from './index.js';

type Undici = Partial<Record<'WebSocket' | 'EventSource', EventTargetClass>> & {
  Agent?: new (options: object) => object;
};
const require = createRequire(import.meta.url);
const major = Number(process.versions.node.split('.')[0]);
const copies: [string, Undici][] = ['undici', 'undici-6', 'undici-6-lowest', 'undici-7-lowest'].map(
  (name) => [name, require(name) as Undici],
);
// undici 8 needs Node 22, which has a WebSocket of its own.
if (major >= 22) copies.push(['undici-8', require('undici-8') as Undici], ["Node's own", globalThis]);

const lanes = contractLanes();
const inLane = <T>(version: string, fn: () => T): T => lanes.run(BASELINE.set('version', version), fn);

let server: Server;
afterEach(() => close(server));

async function start(seen: unknown[]): Promise<number> {
  server = createServer((request, response) => {
    seen.push(request.headers.version);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: x\n\n');
  });
  const wss = new WebSocketServer({ server });
  wss.on('connection', (socket, request) => {
    seen.push(request.headers.version);
    socket.send('x');
  });
  return listen(server);
}

for (const [copy, undici] of copies) {
  for (const kind of ['WebSocket', 'EventSource'] as const) {
    const original = undici[kind];
    describe.runIf(original)(`${kind} of ${copy}`, () => {
      const wrap = kind === 'WebSocket' ? laneWebSocket : laneEventSource;
      const scheme = kind === 'WebSocket' ? 'ws' : 'http';
      const LaneClient = (original && wrap(original, lanes)) as unknown as new (
        url: string,
        init?: object,
      ) => EventTarget & { close(): void };
      const open = async (url: string, init?: object): Promise<string | undefined> => {
        const client = new LaneClient(url, init);
        const seen = await new Promise<string | undefined>((resolve, reject) => {
          inLane('adder', () => client.addEventListener('message', () => resolve(lanes.current().name)));
          client.addEventListener('error', reject);
        });
        client.close();
        return seen;
      };

      test('carries the lane of the code that opens it, and its listeners run there', async () => {
        const seen: unknown[] = [];
        const port = await start(seen);
        for (const lane of ['v2', 'v3'])
          expect(await inLane(lane, () => open(`${scheme}://127.0.0.1:${port}`))).toBe(lane);
        expect(await open(`${scheme}://127.0.0.1:${port}`)).toBeUndefined();
        expect(seen).toEqual(['v2', 'v3', undefined]);
      });

      test.runIf(kind === 'EventSource' && undici.Agent)(
        'reconnections carry the lane, and each redirect is decided again',
        async () => {
          const seen: string[] = [];
          server = createServer((request, response) => {
            const { host = '', version = 'none' } = request.headers;
            seen.push(`${host.split(':')[0]} ${String(version)}`);
            if (host.startsWith('partner'))
              response.writeHead(302, { location: `http://helloworld:${host.split(':')[1]}` }).end();
            else
              response
                .writeHead(200, { 'content-type': 'text/event-stream' })
                .end(`retry: 1\n${seen.length > 2 ? 'data: x\n' : ''}\n`);
          });
          const port = await listen(server);
          const dispatcher = undici.Agent && new undici.Agent({ connect: { lookup: loopbackLookup } });
          const url = `http://partner.example:${port}`;
          const client = inLane('v2', () => new LaneClient(url, { dispatcher }));
          await new Promise((resolve) => client.addEventListener('message', resolve));
          client.close();
          // It reconnects to the URL of the last redirect.
          expect(seen).toEqual(['partner.example none', 'helloworld v2', 'helloworld v2']);
        },
      );

      test.runIf(undici.Agent)('egress decides, and the dispatcher of the caller is used', async () => {
        const seen: unknown[] = [];
        const port = await start(seen);
        const dispatcher = undici.Agent && new undici.Agent({ connect: { lookup: loopbackLookup } });
        for (const host of ['helloworld', 'partner.example'])
          await inLane('v2', () => open(`${scheme}://${host}:${port}`, { dispatcher }));
        expect(seen).toEqual(['v2', undefined]);
      });
    });
  }
}

test('what is not such a class is refused', async () => {
  server = createServer();
  for (const value of [undefined, () => {}, {}]) {
    expect(() => laneWebSocket(value as never, lanes)).toThrow(LanewayAdapterError);
    expect(() => laneEventSource(value as never, lanes)).toThrow(
      /laneEventSource received .* EventSource of undici/,
    );
  }
});
