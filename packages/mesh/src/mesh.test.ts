import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { TWO_SERVICES, get, openMesh, type TestMesh } from './mesh.fixture.js';

const HEADER_MESH = TWO_SERVICES.replace('baggage: version', 'header: x-lane');

const open = (url: string, headers: Record<string, string> = {}): WebSocket =>
  new WebSocket(url.replace('http', 'ws'), { headers });

const message = async (socket: WebSocket): Promise<string> => String((await once(socket, 'message'))[0]);

function received(
  mesh: TestMesh['mesh'],
  headers: Record<string, string | string[]>,
): Promise<Record<string, string>> {
  return get(`${mesh.url}/headers`, headers).then(({ body }) => JSON.parse(body) as Record<string, string>);
}

describe('routing', () => {
  it('permissive: uses the baseline for a service without the lane, and returns to the lane at the next hop', async () => {
    const { mesh, serves } = await openMesh(TWO_SERVICES);
    expect((await get(`${mesh.url}/call`, { version: 'v2' })).body).toBe('front v1, back v2');
    expect((await get(`${mesh.url}/call`)).body).toBe('front v1, back v1');
    expect((await get(`${mesh.url}/call?a=1`, { version: 'missing' })).body).toBe('front v1, back v1');
    expect(serves.slice(0, 2)).toEqual([
      {
        via: 'gateway',
        method: 'GET',
        path: '/call',
        websocket: false,
        lane: 'v2',
        service: 'front',
        version: 'v1',
        baseline: true,
        refusal: undefined,
      },
      expect.objectContaining({
        via: 'back',
        path: '/',
        lane: 'v2',
        service: 'back',
        version: 'v2',
        baseline: false,
      }),
    ]);
    expect(serves[2]).toMatchObject({ via: 'gateway', lane: undefined });
    expect(serves[4]).toMatchObject({ via: 'gateway', lane: 'missing', path: '/call' });
  });

  it('strict: answers 503 when the service has no workload in the lane', async () => {
    const { mesh, serves } = await openMesh(TWO_SERVICES, { mode: 'strict' });
    const answer = await get(mesh.url, { version: 'v2' });
    expect(answer.status).toBe(503);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.body).toBe(
      'front has no workload in lane "v2", and this mesh is strict. front has: v1. Send the request without that ' +
        'lane, add the version to the mesh file, or set `mode: permissive` to fall back to the baseline.\n',
    );
    expect(serves[0]).toMatchObject({ lane: 'v2', version: undefined, refusal: answer.body.trim() });
    expect((await get(mesh.services['back']!, { baggage: 'version=v2' })).body).toBe('back v2');
    expect((await get(mesh.url)).body).toBe('front v1');
    expect((await get(mesh.url, { version: 'v1' })).body).toBe('front v1');
  });

  it('applies the first rule that matches; without a match the request keeps its lane', async () => {
    const rules =
      '[{ header: user, value: alice, lane: v2 }, { header: user, value: bob }, { header: version }]';
    const yaml = TWO_SERVICES.replace('[{ header: version }]', rules);
    const { mesh, serves } = await openMesh(yaml);
    await get(mesh.url, { user: 'alice', version: 'v1' });
    await get(mesh.url, { user: 'bob', version: 'v1' });
    await get(mesh.url, { user: 'carol', version: 'v3' });
    await get(mesh.url, { user: 'carol', baggage: 'version=v4' });
    await get(mesh.url, { user: 'carol', version: '' });
    expect(serves.map(({ lane }) => lane)).toEqual(['v2', 'bob', 'v3', 'v4', undefined]);
  });
});

describe('dyeing', () => {
  it('replaces the member and keeps the others byte for byte', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    const others = 'b=%20x%2C;p=1 ; q,a = 2,10=z,2=y';
    const got = await received(mesh, { version: 'v2', baggage: `version=v9,${others}` });
    expect(got['baggage']).toBe(`version=v2,${others}`);
    expect((await received(mesh, { version: 'v2' }))['baggage']).toBe('version=v2');
    expect((await received(mesh, { version: 'a b,c' }))['baggage']).toBe('version=a%20b%2Cc');
  });

  it('does not change the baggage of a request that no rule matches', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    const baggage = 'version=v2;p , b=2,,=broken, x y';
    expect((await received(mesh, { baggage }))['baggage']).toBe(baggage);
  });

  it.each([
    '=',
    ',,,',
    'version',
    'version=',
    'a b=c',
    '%%%',
    'version=%ff%',
    `k=${'x'.repeat(9000)}`,
    '\u00fc=1',
  ])('serves requests with malformed baggage, case %$', async (baggage) => {
    const { mesh } = await openMesh(TWO_SERVICES);
    expect((await get(mesh.url, { baggage })).body).toBe('front v1');
    expect((await get(`${mesh.url}/call`, { baggage, version: 'v2' })).body).toBe('front v1, back v2');
  });

  it('uses a header when the mesh file names one', async () => {
    const { mesh } = await openMesh(HEADER_MESH);
    const got = await received(mesh, { version: 'v2', 'x-lane': 'v9', baggage: 'version=v3' });
    expect(got).toMatchObject({ 'x-lane': 'v2', baggage: 'version=v3' });
    expect((await get(`${mesh.url}/call`, { version: 'v2' })).body).toBe('front v1, back v2');
    expect((await get(mesh.services['back']!, { 'X-Lane': 'v2' })).body).toBe('back v2');
    expect((await get(mesh.services['back']!, { baggage: 'version=v2' })).body).toBe('back v1');
  });

  it('reads the lane from several baggage headers', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    expect((await get(mesh.services['back']!, { baggage: ['a=1', 'version=v2'] })).body).toBe('back v2');
  });
});

describe('proxying', () => {
  it('keeps connections to workloads alive and routes each request of one connection separately', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const back = `${mesh.services['back']}/headers`;
    const peers: Record<string, Set<unknown>> = { v1: new Set(), v2: new Set() };
    for (let round = 0; round < 10; round++) {
      for (const version of ['v1', 'v2']) {
        // eslint-disable-next-line no-await-in-loop -- one after the other, over one connection
        const { body } = await get(back, { baggage: `version=${version}` }, agent);
        peers[version]!.add((JSON.parse(body) as { peer: number }).peer);
      }
    }
    agent.destroy();
    expect(peers['v1']!.size).toBe(1);
    expect(peers['v2']!.size).toBe(1);
  });

  it('streams in both directions without waiting for the end', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    const outgoing = request(`${mesh.url}/echo`, { method: 'POST' });
    outgoing.write('one');
    const [response] = (await once(outgoing, 'response')) as [AsyncIterable<Buffer>];
    const chunks = response[Symbol.asyncIterator]();
    expect(String((await chunks.next()).value)).toBe('one');
    outgoing.write('two');
    expect(String((await chunks.next()).value)).toBe('two');
    outgoing.end();
    expect((await chunks.next()).done).toBe(true);
  });

  it('closes the connection to the workload when the client disconnects', async () => {
    const { mesh, logged } = await openMesh(TWO_SERVICES);
    const outgoing = request(`${mesh.url}/hang`).on('error', () => {});
    outgoing.end();
    await logged(/hang opened/);
    outgoing.destroy();
    await logged(/hang closed/);
  });

  it('aborts the answer when the workload aborts it', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    expect((await get(`${mesh.url}/cut`)).body).toMatch(/^broken off/);
    expect((await get(mesh.url)).body).toBe('front v1');
  });

  it('answers 501 to an upgrade that is not WebSocket', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    const answer = await get(mesh.url, { connection: 'Upgrade', upgrade: 'h2c' });
    expect(answer).toMatchObject({ status: 501, body: expect.stringContaining('cannot switch to h2c') });
  });
});

describe('WebSocket', () => {
  it('routes each handshake and carries messages in both directions', async () => {
    const { mesh, serves } = await openMesh(TWO_SERVICES);
    for (const [headers, version] of [[{ baggage: 'version=v2' }, 'v2'] as const, [{}, 'v1'] as const]) {
      const socket = open(mesh.services['back']!, headers);
      // eslint-disable-next-line no-await-in-loop -- one after the other
      expect(await message(socket)).toBe(`back ${version}`);
      const long = 'x'.repeat(1_000_000);
      socket.send(long);
      // eslint-disable-next-line no-await-in-loop -- one after the other
      expect(await message(socket)).toBe(long);
      socket.close(4000, 'bye');
      // eslint-disable-next-line no-await-in-loop -- one after the other
      expect((await once(socket, 'close'))[0]).toBe(4000);
    }
    expect(serves[0]).toMatchObject({ via: 'back', websocket: true, lane: 'v2', version: 'v2' });
  });

  it('dyes a handshake at the gateway', async () => {
    const { mesh, serves } = await openMesh(TWO_SERVICES);
    const socket = open(mesh.url, { version: 'v2' });
    expect(await message(socket)).toBe('front v1');
    expect(serves).toEqual([
      expect.objectContaining({ via: 'gateway', lane: 'v2', websocket: true, baseline: true }),
    ]);
    socket.terminate();
  });

  it('closes the client when the workload closes, and the workload when the client closes', async () => {
    const { mesh, logged, logs } = await openMesh(TWO_SERVICES);
    const dropped = open(mesh.url);
    await message(dropped);
    dropped.send('drop');
    expect((await once(dropped, 'close'))[0]).toBe(1006);
    await logged(/websocket closed/);
    logs.length = 0;
    const leaving = open(mesh.url);
    await message(leaving);
    leaving.terminate();
    await logged(/websocket closed/);
  });

  it('closes with the mesh', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    const socket = open(mesh.url);
    await message(socket);
    const closed = once(socket, 'close');
    await mesh.close();
    await closed;
    await mesh.close();
  });

  it('strict: refuses the handshake with the reason', async () => {
    const { mesh } = await openMesh(TWO_SERVICES, { mode: 'strict' });
    const socket = open(mesh.url, { version: 'v2' });
    socket.on('error', () => {});
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      AsyncIterable<Buffer> & { statusCode: number },
    ];
    expect(response.statusCode).toBe(503);
    let body = '';
    for await (const chunk of response) body += String(chunk);
    expect(body).toContain('front has no workload in lane');
  });
});

describe('ports', () => {
  it('the error names the port, the entry of the file and the remedy', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const rest =
      'is in use. Stop the program that listens on it, or use another port there; 0 picks a free port.';
    await expect(openMesh(TWO_SERVICES.replace('port: 0', `port: ${port}`))).rejects.toMatchObject({
      code: 'MESH_PORT_IN_USE',
      message: `Port ${port}, from \`gateway.port\`, ${rest}`,
    });
    await expect(openMesh(TWO_SERVICES.replace('back:', `back:\n    port: ${port}`))).rejects.toThrow(
      '`services.back.port`',
    );
    await expect(openMesh(TWO_SERVICES, { port })).rejects.toThrow('from the option `port`');
    other.close();
  });

  it('listens on 127.0.0.1 only', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    const elsewhere = connect(Number(new URL(mesh.url).port), '127.0.0.2');
    const [error] = (await once(elsewhere, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ECONNREFUSED');
  });
});
