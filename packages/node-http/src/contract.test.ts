import { EventEmitter, once } from 'node:events';
import { createServer, Server } from 'node:http';
import { connect } from 'node:net';
import { BASELINE, LanewayAdapterError } from '@laneway/core';
import { close, contractLanes, inboundContract, laneHeaders, listen } from '@laneway/testing';
import { request } from 'undici';
import { expect, test } from 'vitest';
import { inboundClient } from '../../../test/support/inbound-client.js';
import { bindEmitter, isBound, nodeHttpLane } from './index.js';

inboundContract({
  name: 'node:http, request',
  async start(lanes, handle) {
    const server = nodeHttpLane(createServer(), lanes);
    // By listeners, not by `for await`: each of them must run in the lane by itself.
    server.on('request', (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        Promise.resolve()
          .then(() => handle(Buffer.concat(chunks).toString(), incoming.headers, incoming.url))
          .then(
            (body) => response.end(body),
            () => response.writeHead(500).end('failed'),
          );
      });
    });
    return inboundClient(`http://127.0.0.1:${await listen(server)}/`, () => close(server));
  },
  async startStream(lanes, handle) {
    const server = nodeHttpLane(createServer(), lanes);
    server.on('request', (_request, response) => {
      handle({
        write: (piece) => void response.write(piece),
        onClose: (listener) => void response.on('close', listener),
      });
    });
    return { port: await listen(server), close: () => close(server) };
  },
});

test('an upgrade and the listeners of its socket run in its lane', async () => {
  const lanes = contractLanes();
  const server = nodeHttpLane(createServer(), lanes);
  const seen: string[] = [];
  const note = (what: string): void => void seen.push(`${what} ${lanes.current().name ?? 'baseline'}`);
  server.on('upgrade', (_request, socket) => {
    note('upgrade');
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.on('data', (chunk: Buffer) => {
      note(`data ${chunk.toString()}`);
      socket.write(chunk);
    });
    socket.on('close', () => note('close'));
    socket.on('end', () => socket.end());
  });
  const port = await listen(server);
  const speak = async (version?: string): Promise<void> => {
    const socket = connect(port, '127.0.0.1');
    const lane = version === undefined ? '' : `version: ${version}\r\n`;
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n${lane}\r\n`);
    await once(socket, 'data');
    socket.write(version ?? 'none');
    await once(socket, 'data');
    socket.end();
    await once(socket, 'close');
  };
  await speak('v2');
  await speak();
  await close(server);
  expect(seen).toEqual([
    'upgrade v2',
    'data v2 v2',
    'close v2',
    'upgrade baseline',
    'data none baseline',
    'close baseline',
  ]);
});

test('checkContinue and response events run in the lane', async () => {
  const lanes = contractLanes();
  const server = nodeHttpLane(createServer(), lanes);
  const seen: unknown[] = [];
  server.on('checkContinue', (incoming, response) => {
    seen.push(lanes.current().name);
    response.on('finish', () => seen.push(lanes.current().name));
    response.on('close', () => seen.push(lanes.current().name));
    response.writeContinue();
    incoming.resume().on('end', () => response.end('ok'));
  });
  const port = await listen(server);
  const socket = connect(port, '127.0.0.1');
  socket.write(
    'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nVersion: v2\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n',
  );
  await once(socket, 'data');
  socket.write('hi');
  socket.resume();
  await once(socket, 'close');
  await close(server);
  expect(seen).toEqual(['v2', 'v2', 'v2']);
});

test('timeouts on a kept-alive connection, of a server started in a lane, are in the lane of their request', async () => {
  const lanes = contractLanes();
  const seen: string[] = [];
  const server = nodeHttpLane(createServer(), lanes);
  server.on('request', (_request, response) => {
    response.setTimeout(20, () => {
      seen.push(lanes.current().name ?? 'baseline');
      response.end();
    });
  });
  const port = await lanes.run(lanes.capture(laneHeaders('starter')), () => listen(server));
  const socket = connect(port, '127.0.0.1');
  for (const version of ['version: v2\r\n', '', 'version: v3\r\n']) {
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${version}\r\n`);
    await once(socket, 'data');
  }
  socket.destroy();
  await close(server);
  expect(seen).toEqual(['v2', 'baseline', 'v3']);
});

test("the caller's headers object is not changed, and a server outside keeps its baseline", async () => {
  const lanes = contractLanes();
  const server = nodeHttpLane(createServer(), lanes);
  server.on('request', (incoming, response) => {
    response.end(JSON.stringify(incoming.headers));
  });
  const port = await listen(server);
  const answer = await request(`http://127.0.0.1:${port}/`, { headers: laneHeaders('v2') });
  expect(await answer.body.json()).toMatchObject(laneHeaders('v2'));
  expect(lanes.current()).toBe(BASELINE);
  await close(server);
});

test('an emit that was set on the server before is still called', async () => {
  const lanes = contractLanes();
  const server = createServer((_request, response) => response.end(lanes.current().name));
  const seen: unknown[] = [];
  const emit = server.emit.bind(server);
  server.emit = (event: string, ...args: unknown[]) => {
    seen.push(event);
    return emit(event, ...args);
  };
  const port = await listen(nodeHttpLane(nodeHttpLane(server, lanes), lanes));
  const answer = await request(`http://127.0.0.1:${port}/`, { headers: laneHeaders('v2') });
  expect(await answer.body.text()).toBe('v2');
  expect(seen).toContain('request');
  await close(server);
});

test("a copy of a request's properties still emits", () => {
  const emitter = new EventEmitter();
  bindEmitter(emitter);
  const copy = Object.create(EventEmitter.prototype) as EventEmitter;
  for (const key in emitter) Object.assign(copy, { [key]: Reflect.get(emitter, key) as unknown });
  let seen = 0;
  copy.on('event', () => seen++);
  expect(copy.emit('event')).toBe(true);
  expect(seen).toBe(1);
});

test('binding again, below an emit that other code has wrapped, replaces the context', () => {
  const lanes = contractLanes();
  const emitter = new EventEmitter();
  const bindIn = (lane: string): void => {
    lanes.run(lanes.capture(laneHeaders(lane)), () => void bindEmitter(emitter));
  };
  bindIn('v2');
  const emitBound = emitter.emit.bind(emitter);
  const foreign: unknown[] = [];
  emitter.emit = (event: string, ...args: unknown[]) => {
    foreign.push(event);
    return emitBound(event, ...args);
  };
  expect(isBound(emitter)).toBe(true);
  bindIn('v3');
  const seen: unknown[] = [];
  emitter.on('event', (...args: unknown[]) => seen.push([...args, lanes.current().name]));
  emitter.emit('event', 1, 2, 3);
  lanes.run(lanes.capture(laneHeaders('v2')), () => emitter.emit('event'));
  // The replaced method still runs the listeners in the bound context.
  lanes.run(lanes.capture(laneHeaders('v2')), () => emitBound('event'));
  expect(seen).toEqual([[1, 2, 3, 'v3'], ['v3'], ['v3']]);
  expect(foreign).toEqual(['event', 'event']);
});

test('newListener and removeListener run in the context of the code that adds and removes', () => {
  const lanes = contractLanes();
  const emitter = new EventEmitter();
  lanes.run(lanes.capture(laneHeaders('v2')), () => bindEmitter(emitter));
  const seen: unknown[] = [];
  for (const event of ['newListener', 'removeListener'])
    emitter.on(event, (name: string) => name === 'event' && seen.push([event, lanes.current().name]));
  const listener = (): void => void seen.push(['event', lanes.current().name]);
  lanes.run(lanes.capture(laneHeaders('v3')), () => emitter.on('event', listener));
  emitter.emit('event');
  emitter.off('event', listener);
  expect(seen).toEqual([
    ['newListener', 'v3'],
    ['event', 'v2'],
    ['removeListener', undefined],
  ]);
});

test('rejects a value that is not a server', () => {
  expect(() => nodeHttpLane(undefined as never)).toThrow(LanewayAdapterError);
});

test('a server class that overrides emit keeps its emit', async () => {
  const lanes = contractLanes();
  const seen: unknown[] = [];
  class Counted extends Server {
    override emit(event: string, ...args: unknown[]): boolean {
      if (event === 'request') seen.push(event, this.listening);
      return super.emit(event, ...args);
    }
  }
  const server = nodeHttpLane(new Counted((_request, response) => response.end(lanes.current().name)), lanes);
  const port = await listen(server);
  const answer = await request(`http://127.0.0.1:${port}/`, { headers: laneHeaders('v2') });
  expect(await answer.body.text()).toBe('v2');
  expect(seen).toEqual(['request', true]);
  await close(server);
});
