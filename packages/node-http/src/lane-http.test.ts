import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { close, type EchoedRequest, headerLines, laneBaggage, laneOf, useEcho } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { laneHttp } from './index.js';

const { lanes, echo, inLane } = useEcho();
const wrapped = laneHttp(http, lanes);

async function answerTo(request: ClientRequest): Promise<EchoedRequest> {
  const [response] = (await once(request.end(), 'response')) as [IncomingMessage];
  return (await json(response)) as EchoedRequest;
}

/** What the server saw of one call that is made in lane v2. */
const sendInLane = (send: () => ClientRequest): Promise<EchoedRequest> => answerTo(inLane('v2', send));
const V2 = ['v2', laneBaggage('v2')];

describe('call forms', () => {
  const options = (): http.RequestOptions => ({ host: '127.0.0.1', port: echo.port, path: '/form' });
  const forms: Record<string, (send: typeof http.request, cb: () => void) => ClientRequest> = {
    '(url)': (send) => send(`${echo.url}/form`),
    '(URL)': (send) => send(new URL(`${echo.url}/form`)),
    '(url, cb)': (send, cb) => send(`${echo.url}/form`, cb),
    '(url, options)': (send) => send('http://127.0.0.1/form', { port: echo.port }),
    '(url, options, cb)': (send, cb) => send('http://127.0.0.1/form', { port: echo.port }, cb),
    '(URL, options, cb)': (send, cb) => send(new URL('http://127.0.0.1/form'), { port: echo.port }, cb),
    '(url, undefined, cb)': (send, cb) => send(`${echo.url}/form`, undefined as never, cb),
    '(options)': (send) => send(options()),
    '(options, cb)': (send, cb) => send(options(), cb),
  };
  for (const [form, call] of Object.entries(forms)) {
    test.each(['request', 'get'] as const)(`%s${form}`, async (method) => {
      let called = 0;
      const seen = await sendInLane(() => call(wrapped[method], () => void called++));
      expect([seen.method, seen.path, ...laneOf(seen)]).toEqual(['GET', '/form', ...V2]);
      expect(called).toBe(form.includes('cb') ? 1 : 0);
    });
  }

  test("a callback is the request's own listener, and can be removed as such", async () => {
    const callback = (): never => expect.fail('was removed');
    const request = inLane('v2', () => wrapped.get(`${echo.url}/`, callback));
    expect(request.listeners('response')).toEqual([callback]);
    request.off('response', callback);
    expect(laneOf(await answerTo(request))).toEqual(V2);
  });

  test('options count by their own enumerable properties, as in Node', async () => {
    const inherited = Object.create({ host: 'external.example' }) as http.RequestOptions;
    Object.assign(inherited, { port: echo.port });
    expect(laneOf(await sendInLane(() => wrapped.request(inherited)))).toEqual(V2);
  });

  test.each([
    ['an object', { accept: 'a/b' }],
    [
      'pairs',
      [
        ['accept', 'a/b'],
        ['Host', 'x'],
      ],
    ],
    ['a flat array', ['accept', 'a/b', 'Host', 'x']],
    ['nothing', undefined],
  ])('headers as %s, not mutated', async (_, headers) => {
    const given = { headers: headers as never, method: 'POST' };
    const before = structuredClone(given);
    const seen = await sendInLane(() => wrapped.request(echo.url, given));
    expect(laneOf(seen)).toEqual(V2);
    expect(headerLines(seen, 'accept')).toEqual(headers === undefined ? [] : ['a/b']);
    expect(given).toEqual(before);
  });

  test('headers of a URL that was extended are kept', async () => {
    const url = Object.assign(new URL(echo.url), { headers: { 'x-own': '1' } });
    const seen = await sendInLane(() => wrapped.request(url));
    expect(headerLines(await answerTo(http.request(url)), 'x-own')).toEqual(headerLines(seen, 'x-own'));
    expect(laneOf(seen)).toEqual(V2);
  });

  test.each([undefined, null, '', '/b'])(
    'a path of %j beside a URL is what Node makes of it',
    async (path) => {
      for (const url of [
        new URL('/a', echo.url),
        Object.assign(new URL('/a', echo.url), { extended: true }),
      ]) {
        const send = (module: typeof http): ClientRequest => module.request(url, { path });
        const [plain, inV2] = [send(http), inLane('v2', () => send(wrapped))];
        expect(inV2.path).toBe(plain.path);
        expect(laneOf(await answerTo(inV2))).toEqual(V2);
        await answerTo(plain);
      }
    },
  );

  test('Expect: 100-continue', async () => {
    const request = inLane('v2', () =>
      wrapped.request(echo.url, { method: 'POST', headers: { Expect: '100-continue' } }),
    );
    await once(request, 'continue');
    request.write('body');
    const seen = await answerTo(request);
    expect([seen.body, ...laneOf(seen)]).toEqual(['body', ...V2]);
  });

  test('https', async () => {
    const socket = connect(echo.port, '127.0.0.1');
    const plain = { createConnection: () => socket };
    expect(
      laneOf(await sendInLane(() => laneHttp(https, lanes).request('https://127.0.0.1/', plain))),
    ).toEqual(V2);
  });

  test('agent: false, and a socket in the file system', async () => {
    expect(laneOf(await sendInLane(() => wrapped.request(echo.url, { agent: false })))).toEqual(V2);
    const folder = await mkdtemp(join(tmpdir(), 'laneway-'));
    const socketPath = join(folder, 'echo.sock');
    // Another server on the Unix socket passes its requests to the echo server.
    const server = http.createServer((request, response) => echo.server.emit('request', request, response));
    await once(server.listen(socketPath), 'listening');
    const seen = await sendInLane(() => wrapped.request('http://external.example/', { socketPath }));
    expect(laneOf(seen)).toEqual(V2);
    await close(server);
    await rm(folder, { recursive: true });
  });
});

describe("Node's", () => {
  test.each([
    ['an invalid URL', ['no url']],
    ['a host of the wrong type', [{ host: 1 }]],
    ['a callback that is not a function', ['http://127.0.0.1/', {}, 'callback']],
    ['a flat array with a name that is not a string', ['http://127.0.0.1/', { headers: [null, 'x'] }]],
    ['a list of pairs that contains null', ['http://127.0.0.1/', { headers: [['a', 'b'], null] }]],
    ['a pair without a value', ['http://127.0.0.1/', { headers: [['a', undefined]] }]],
    ['a flat array that ends in a name', ['http://127.0.0.1/', { headers: ['a'] }]],
    [
      'pairs without names',
      [
        'http://127.0.0.1/',
        {
          headers: [
            [1, 2],
            [{}, 3],
          ],
        },
      ],
    ],
    ['a path with a space', [{ path: '/a b' }]],
    ['an agent that is a string', [{ agent: 'agent' }]],
    ['another protocol', ['https://127.0.0.1/']],
  ])('error for %s', (_, args) => {
    const errorOf = (module: typeof http): unknown => {
      try {
        module.request(...(args as [never])).destroy();
        return undefined;
      } catch (error) {
        return error;
      }
    };
    const expected = errorOf(http) as Error;
    expect(expected).toBeInstanceOf(Error);
    expect(inLane('v2', () => errorOf(wrapped))).toEqual(expected);
  });

  test('the rest of the module, and nothing at the module itself', () => {
    expect(wrapped.Agent).toBe(http.Agent);
    expect(wrapped.globalAgent).toBe(http.globalAgent);
    expect(wrapped.request).toBe(wrapped.request);
    expect(http.request).not.toBe(wrapped.request);
    expect(laneHttp(https, lanes).globalAgent).toBe(https.globalAgent);
  });

  test('a module that is replaced later is called', async () => {
    const calls: unknown[][] = [];
    const module = { ...http };
    const rewrapped = laneHttp(module, lanes);
    module.request = ((...args: Parameters<typeof http.request>) => {
      calls.push(args);
      return http.request(...args);
    }) as typeof http.request;
    const options = { port: echo.port };
    await answerTo(rewrapped.request('http://127.0.0.1/', options));
    expect(calls).toEqual([['http://127.0.0.1/', options]]);
    expect(calls[0]?.[1]).toBe(options);
  });

  test('a mock that reads options of the kind of url.parse, as msw and nock do, sees the headers', async () => {
    const isParsed = (options: object): boolean => 'hash' in options && !('method' in options);
    let headers: unknown;
    const request = (options: http.RequestOptions, ...more: never[]): ClientRequest => {
      headers = isParsed(options) ? undefined : options.headers;
      return http.request(options, ...more);
    };
    const module = { request, get: request as typeof http.get };
    await sendInLane(() => laneHttp(module, lanes).get(`${echo.url}/form`));
    expect(headers).toMatchObject({ version: 'v2' });
  });

  test('a response without a listener is discarded, so that its connection is free again', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    inLane('v2', () => wrapped.get(echo.url, { agent }));
    const seen = await sendInLane(() => wrapped.get(echo.url, { agent }));
    expect(laneOf(seen)).toEqual(V2);
    agent.destroy();
  });

  test('abort and timeout', async () => {
    const controller = new AbortController();
    const aborted = inLane('v2', () =>
      wrapped.get(`${echo.url}/slow?ms=5000`, { signal: controller.signal }),
    );
    controller.abort();
    const [error] = (await once(aborted, 'error').catch((reason: unknown) => [reason])) as [Error];
    expect(error.name).toBe('AbortError');
    const request = inLane('v2', () => wrapped.get(`${echo.url}/slow?ms=5000`, { timeout: 10 }));
    await once(request, 'timeout');
    request.on('error', () => {}).destroy();
  });

  test('headers of the wrong type are sent as Node sends them, with the lane', async () => {
    for (const headers of ['abc', 5, true, ['Host', 'a', 'X-Own', null]]) {
      const options = { headers } as never;
      const plain = await answerTo(http.request(echo.url, options));
      const seen = await sendInLane(() => wrapped.request(echo.url, options));
      expect(laneOf(seen)).toEqual(V2);
      const others = seen.headers.filter(([header]) => !['version', 'appver-a', 'baggage'].includes(header));
      expect(others).toEqual(plain.headers);
    }
  });

  test('a frozen module', async () => {
    const frozen = laneHttp(Object.freeze({ ...http }), lanes);
    expect(laneOf(await sendInLane(() => frozen.request(echo.url)))).toEqual(V2);
    expect(frozen.Agent).toBe(http.Agent);
  });

  test('wrapping twice attaches once', async () => {
    expect(laneOf(await sendInLane(() => laneHttp(wrapped, lanes).request(echo.url)))).toEqual(V2);
  });
});
