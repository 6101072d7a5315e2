import { once } from 'node:events';
import { headerLines, type EchoedRequest } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { echo, errorOf, fetch, laneOf, runtimeFetch, send, serve, V2, via } from './fetch-by-hops.fixture.js';

describe('a body is sent again', () => {
  const form = new FormData();
  form.append('name', 'value');
  const text = 'text '.repeat(20_000);
  test.each<[string, unknown, unknown]>([
    ['a text', text, text],
    ['bytes', new TextEncoder().encode('bytes'), 'bytes'],
    ['a part of bytes', new DataView(new TextEncoder().encode('a part').buffer, 2), 'part'],
    ['a buffer', new TextEncoder().encode('buffer').buffer, 'buffer'],
    ['a Blob', new Blob(['blob']), 'blob'],
    ['URLSearchParams', new URLSearchParams({ a: '1' }), 'a=1'],
    ['a form', form, expect.stringMatching(/name="name"\r\n\r\nvalue\r\n/)],
    ['nothing', undefined, ''],
  ])('%s', async (_, body, expected) => {
    for (const status of [307, 308]) {
      const url = via('127.0.0.1', via('localhost', '/end', status), status);
      const seen = await send(url, { method: 'POST', body });
      expect([seen.method, seen.path, seen.body, ...laneOf(seen)]).toEqual(['POST', '/end', expected, ...V2]);
      const direct = await (await runtimeFetch(echo.url, { method: 'POST', body: body as never })).json();
      const typeOf = (one: EchoedRequest): string | undefined =>
        headerLines(one, 'content-type')[0]?.replace(/boundary=.*/, 'boundary');
      expect(typeOf(seen)).toBe(typeOf(direct as EchoedRequest));
    }
  });

  test('bytes are copied at the time of the call', async () => {
    const body = new TextEncoder().encode('first');
    const pending = send(via('127.0.0.1', '/end', 307), { method: 'POST', body });
    body.fill(0);
    expect((await pending).body).toBe('first');
  });

  test('a stream is sent only once', async () => {
    const options = (): object => ({ method: 'POST', body: streamOf('stream'), duplex: 'half' });
    expect((await send(echo.url, options())).body).toBe('stream');
    expect((await send(via('127.0.0.1', '/end', 303), options())).method).toBe('GET');
    for (const init of [options(), { ...options(), body: pieces() }]) {
      const error = await fetch(via('127.0.0.1', '/end', 307), init).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/is a stream, which cannot be sent twice\. Pass the body as/);
    }
  });
});

describe('a Request', () => {
  const make = (url: string, init?: object): Request => new Request(url, init);

  test('its headers, method and body are sent on every hop; it is not changed', async () => {
    const init = { method: 'PUT', body: 'body', headers: { 'x-own': '1', authorization: 'a' } };
    const request = make(via('127.0.0.1', via('127.0.0.1', '/end', 308), 307), init);
    const seen = await send(request);
    expect([seen.method, seen.body, ...laneOf(seen)]).toEqual(['PUT', 'body', ...V2]);
    expect(['x-own', 'authorization'].flatMap((name) => headerLines(seen, name))).toEqual(['1', 'a']);
    const direct = (await (await runtimeFetch(make(echo.url, init))).json()) as EchoedRequest;
    expect(headerLines(seen, 'content-type')).toEqual(headerLines(direct, 'content-type'));
    expect([request.bodyUsed, request.headers.has('version')]).toEqual([true, false]);
  });

  test('options override it', async () => {
    const request = make(via('127.0.0.1', '/end', 307), {
      method: 'PUT',
      body: 'a',
      headers: { 'x-own': '1' },
    });
    const seen = await send(request, { method: 'POST', body: 'b', headers: { 'x-more': '2' } });
    expect([seen.method, seen.body, ...laneOf(seen)]).toEqual(['POST', 'b', ...V2]);
    expect(['x-own', 'x-more'].flatMap((name) => headerLines(seen, name))).toEqual(['2']);
    const same = await send(make(via('127.0.0.1', '/end', 307), { method: 'PUT', body: 'a' }), {
      body: null,
    });
    expect([same.method, same.body]).toEqual(['PUT', 'a']);
  });

  test('its redirect mode', async () => {
    const url = via('127.0.0.1', '/end');
    expect((await fetch(make(url, { redirect: 'manual' }))).status).toBe(302);
    expect((await fetch(make(url, { redirect: 'manual' }), { redirect: 'follow' })).status).toBe(200);
    const native = await errorOf(runtimeFetch(make(url, { redirect: 'error' })));
    expect(await errorOf(fetch(make(url, { redirect: 'error' })))).toEqual(native);
  });

  test('with a stream: a short one is sent again, a long one is sent and not kept', async () => {
    const post = (path: string, size: number): Request =>
      make(path, { method: 'POST', body: streamOf('x'.repeat(size)), duplex: 'half' });
    expect((await send(post(via('127.0.0.1', '/end', 307), 1000))).body).toHaveLength(1000);
    expect((await send(post(echo.url, 3_000_000))).body).toHaveLength(3_000_000);
    await serve(
      (request, response) => {
        const [, status] = request.url?.split('/') ?? [];
        const answer = (): unknown => response.writeHead(Number(status), { location: '/200' }).end();
        request.resume().once('end', answer);
      },
      async (url) => {
        expect((await fetch(post(`${url}/303`, 3_000_000))).status).toBe(200);
        await expect(fetch(post(`${url}/307`, 3_000_000))).rejects.toThrow(/cannot be sent twice\./);
      },
    );
  });

  test('of a stream that breaks off', async () => {
    const broken = (): Request => {
      const body = new ReadableStream({ pull: (controller) => controller.error(new Error('mine')) });
      return make(echo.url, { method: 'POST', body, duplex: 'half' });
    };
    const native = await errorOf(runtimeFetch(broken()));
    expect(await errorOf(fetch(broken()))).toEqual(native);
  });
});

function streamOf(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(sent, (sent += 65_536)));
    },
  });
}

async function* pieces(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('piece');
  await once(AbortSignal.timeout(1), 'abort');
  yield new TextEncoder().encode('piece');
}
