import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import { finished, pipeline, Transform } from 'node:stream';
import { createGzip } from 'node:zlib';
import { nodeHttpLane } from '@laneway/node-http';
import { close, contractLanes, laneHeaders, listen } from '@laneway/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

// Every listener and callback records its lane if it is not the lane of its request. The server starts in a lane in which none of
// them may run.
const lanes = contractLanes();
const wrong = new Set<string>();
const seen = new Set<string>();
const look = (request: http.IncomingMessage, where: string): void => {
  const lane = lanes.current().name ?? 'baseline';
  const expected = String(request.headers.version ?? 'baseline');
  seen.add(where);
  if (lane !== expected) wrong.add(`${where} of ${expected} ran in ${lane}`);
};

let server: http.Server;
let port: number;

beforeAll(async () => {
  await lanes.run(lanes.capture(laneHeaders('starter')), async () => {
    server = nodeHttpLane(http.createServer(), lanes);
    server.on('request', (request, response) => void handle(request, response));
    server.on('checkContinue', (request: http.IncomingMessage, response: http.ServerResponse) => {
      look(request, 'checkContinue');
      response.writeContinue();
      server.emit('request', request, response);
    });
    port = await listen(server);
  });
});
afterAll(() => close(server));

async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  look(request, 'handler');
  for (const event of ['end', 'close', 'error', 'aborted'])
    request.on(event, () => look(request, `request ${event}`));
  for (const event of ['finish', 'close', 'drain', 'prefinish'])
    response.on(event, () => look(request, `response ${event}`));
  finished(request, () => look(request, 'finished(request)'));
  finished(response, () => look(request, 'finished(response)'));
  if (request.url === '/transform') {
    const transform = new Transform({
      transform(chunk, _encoding, done) {
        look(request, 'transform');
        setImmediate(done, null, chunk);
      },
    });
    pipeline(request, transform, response, () => look(request, 'pipeline callback'));
  } else if (request.url === '/gzip') {
    const gzip = createGzip();
    gzip.on('data', () => look(request, 'gzip data'));
    pipeline(request, gzip, response, () => look(request, 'gzip callback'));
  } else {
    try {
      for await (const _chunk of request) look(request, 'iterator');
    } catch {
      return look(request, 'iterator failed');
    }
    await new Promise((done) => void setTimeout(done, request.url === '/slow' ? 30 : 1));
    look(request, 'after a timer');
    response.write('x'.repeat(100_000));
    process.nextTick(() => look(request, 'next tick'));
    setImmediate(() => response.end('done'));
  }
}

function versions(index: number): string | undefined {
  return index % 4 === 3 ? undefined : `v${index}`;
}

test('bodies piped, transformed, zipped and iterated over kept-alive connections', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const body = 'z'.repeat(200_000);
  const send = async (index: number): Promise<void> => {
    const lane = versions(index);
    const asks = index % 7 === 0;
    const request = http.request({
      port,
      host: '127.0.0.1',
      agent,
      method: 'POST',
      path: ['/', '/transform', '/gzip'][index % 3],
      headers: {
        ...(lane === undefined ? {} : { version: lane }),
        ...(asks ? { expect: '100-continue', 'content-length': body.length } : {}),
      },
    });
    const answered = once(request, 'response');
    if (asks) request.once('continue', () => request.end(body)).flushHeaders();
    else request.end(body);
    const [response] = (await answered) as [http.IncomingMessage];
    await once(response.resume(), 'end');
  };
  await Promise.all(Array.from({ length: 36 }, (_, index) => send(index)));
  agent.destroy();
  expect([...wrong]).toEqual([]);
  expect(seen).toContain('transform');
  expect(seen).toContain('gzip callback');
  expect(seen).toContain('checkContinue');
});

test('pipelined requests on one connection, with several lanes and without a lane', async () => {
  const socket = net.connect(port, '127.0.0.1');
  const answered = new Promise<void>((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      if (text.split('done').length > 6) resolve();
    });
  });
  const requests = ['A', undefined, 'B', 'C', undefined, 'D'].map((lane, index) => {
    const version = lane === undefined ? '' : `version: ${lane}\r\n`;
    const path = index % 3 === 0 ? '/slow' : '/';
    return `POST ${path} HTTP/1.1\r\nHost: x\r\n${version}Content-Length: 5\r\n\r\nhello`;
  });
  socket.write(requests.join(''));
  await answered;
  socket.destroy();
  await once(socket, 'close');
  expect([...wrong]).toEqual([]);
});

test('clients that disconnect in the middle of a body', async () => {
  for (const lane of ['A', undefined, 'B']) {
    const failed = new Promise((resolve) => {
      server.once('request', (request: http.IncomingMessage) => request.once('close', resolve));
    });
    const arrived = once(server, 'request');
    const socket = net.connect(port, '127.0.0.1');
    const version = lane === undefined ? '' : `version: ${lane}\r\n`;
    socket.write(`POST / HTTP/1.1\r\nHost: x\r\n${version}Content-Length: 500\r\n\r\nhel`);
    await arrived;
    socket.resetAndDestroy();
    await failed;
  }
  expect([...wrong]).toEqual([]);
  expect(seen).toContain('iterator failed');
  expect(seen).toContain('request aborted');
});
