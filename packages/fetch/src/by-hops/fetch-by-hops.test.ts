import type { IncomingMessage } from 'node:http';
import { collectDrops, headerLines, type EchoedRequest } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { at, echo, fetch, laneOf, send, serve, V2, via } from './fetch-by-hops.fixture.js';

describe('egress checks each hop', () => {
  test.each<[string, () => string, string[]]>([
    ['the same origin', () => via('127.0.0.1', '/end'), V2],
    ['another internal host', () => via('127.0.0.1', at('host.internal', '/end')), V2],
    ['an external host', () => via('127.0.0.1', at('external.example', '/end')), ['', '']],
    ['from an external host to an internal one', () => via('external.example', at('127.0.0.1', '/end')), V2],
    [
      'to an external host and back',
      () => via('127.0.0.1', via('external.example', at('127.0.0.1', '/end'))),
      V2,
    ],
  ])('%s', async (_, url, expected) => {
    for (const status of [302, 307]) {
      const seen = await send(url().replace('status=302', `status=${status}`));
      expect([seen.path, ...laneOf(seen)]).toEqual(['/end', ...expected]);
    }
  });

  test('what is dropped is reported, once for each hop', async () => {
    const drops = await collectDrops(() => send(via('127.0.0.1', at('external.example', '/end'))));
    expect(drops).toEqual([{ reason: 'egress', direction: 'attach', host: 'external.example' }]);
  });

  test("the caller's baggage is merged for an internal host and sent unchanged to an external one", async () => {
    const headers = Object.freeze({ Baggage: 'own=1' });
    expect(laneOf(await send(via('127.0.0.1', at('external.example', '/end')), { headers }))).toEqual([
      '',
      'own=1',
    ]);
    const [, baggage] = laneOf(await send(via('external.example', at('127.0.0.1', '/end')), { headers }));
    expect(baggage).toBe('own=1,2=two,Lane=v2;p1 = x;flag,userId=%41lice%20%C3%BC,1=one,empty=');
  });
});

describe('redirects follow the Fetch Standard', () => {
  test.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'post', 'GET'],
    [302, 'PUT', 'PUT'],
    [303, 'POST', 'GET'],
    [303, 'DELETE', 'GET'],
    [307, 'POST', 'POST'],
    [308, 'PUT', 'PUT'],
  ])('%i turns %s into %s', async (status, method, expected) => {
    const headers = { 'content-type': 'a/b', 'content-language': 'en', 'x-own': '1' };
    const seen = await send(via('127.0.0.1', '/end', status), { method, headers, body: 'body' });
    expect([seen.method, ...laneOf(seen), ...headerLines(seen, 'x-own')]).toEqual([expected, ...V2, '1']);
    const ofBody = ['content-type', 'content-language'].flatMap((name) => headerLines(seen, name));
    expect([seen.body, ...ofBody]).toEqual(expected === 'GET' ? [''] : ['body', 'a/b', 'en']);
  });

  test('303 keeps HEAD', async () => {
    const methods: (string | undefined)[] = [];
    const note = (request: IncomingMessage): void => void methods.push(request.method);
    echo.server.on('request', note);
    await fetch(via('127.0.0.1', '/end', 303), { method: 'HEAD' });
    echo.server.off('request', note);
    expect(methods).toEqual(['HEAD', 'HEAD']);
  });

  test.each([300, 304])('%i is not a redirect', async (status) => {
    const response = await fetch(via('127.0.0.1', '/end', status));
    expect([response.status, response.redirected]).toEqual([status, false]);
  });

  test('without a Location it is not a redirect', async () => {
    await serve(
      (_, response) => void response.writeHead(302).end('here'),
      async (url) => {
        const response = await fetch(url);
        expect([response.status, await response.text()]).toEqual([302, 'here']);
      },
    );
  });

  test('credentials are removed for another origin, and stay removed on the way back', async () => {
    const headers = { authorization: 'a', 'proxy-authorization': 'b', cookie: 'c', 'x-own': '1' };
    const secrets = (seen: EchoedRequest): string[] =>
      Object.keys(headers).filter((name) => headerLines(seen, name).length > 0);
    expect(secrets(await send(via('127.0.0.1', '/end'), { headers }))).toEqual(Object.keys(headers));
    expect(secrets(await send(via('127.0.0.1', at('localhost', '/end')), { headers }))).toEqual(['x-own']);
    const back = via('127.0.0.1', via('host.internal', at('127.0.0.1', '/end')));
    expect(secrets(await send(back, { headers }))).toEqual(['x-own']);
  });

  test('the response and its clones have url and redirected', async () => {
    const direct = await fetch(`${echo.url}/end`);
    expect([direct.redirected, direct.url]).toEqual([false, `${echo.url}/end`]);
    const response = await fetch(via('127.0.0.1', via('127.0.0.1', '/end?a#b')));
    const copies = [response, response.clone(), response.clone().clone()];
    for (const { redirected, url, status, ok } of copies)
      expect([redirected, url, status, ok]).toEqual([true, `${echo.url}/end?a`, 200, true]);
    expect(new Set(await Promise.all(copies.map((copy) => copy.text()))).size).toBe(1);
    expect(response).toBeInstanceOf(Response);
  });

  test('a Location in UTF-8, and one relative to the previous hop', async () => {
    await serve(
      (request, response) => {
        if (request.url === '/a/b') response.writeHead(302, { location: 'c' }).end();
        else if (request.url === '/a/c') {
          const location = Buffer.from('/ä').toString('latin1');
          response.writeHead(302, { location }).end();
        } else response.end(request.url);
      },
      async (url) => expect(await (await fetch(`${url}/a/b`)).text()).toBe('/%C3%A4'),
    );
  });

  test.each(['file:///etc/hostname', 'data:,text', 'ftp://127.0.0.1/', 'http://['])(
    'a redirect to another scheme is rejected: %s',
    async (to) => {
      const error = await fetch(via('127.0.0.1', to)).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TypeError);
      expect((error as Error).message).toMatch(/Correct its Location header/);
    },
  );
});
