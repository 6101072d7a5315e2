import { createServer } from 'node:http';
import { close, type EchoedRequest, headerLines, listen, loopbackLookup, useEcho } from '@laneway/testing';
import { Agent, setGlobalDispatcher } from 'undici';
import { afterAll, describe, expect, test } from 'vitest';
import { laneKy } from './index.js';
import { kys } from './kys.contract.js';

const { lanes, echo, inLane } = useEcho();
const agent = new Agent({ connect: { lookup: loopbackLookup }, connections: 1 });
setGlobalDispatcher(agent);
afterAll(() => agent.close());

describe.each(kys)('%s', (name, ky) => {
  const api = laneKy(ky, lanes);
  const versions = async (instance: typeof ky, url: string, options = {}): Promise<string[]> =>
    headerLines(await instance(url, options).json<EchoedRequest>(), 'version');

  test('rejects something that is not ky, and something that is not lanes', () => {
    expect(() => laneKy({} as never, lanes)).toThrow('Pass the default export of ky');
    expect(() => laneKy(ky, {} as never)).toThrow('laneKy received an object, not lanes');
  });

  test('methods, a body, and instances that extend creates', async () => {
    const made = api.extend({ headers: { 'x-test': '1' } }).extend({ timeout: 5000 });
    const seen = await inLane('v2', () => made.post(echo.url, { json: { a: 1 } }).json<EchoedRequest>());
    expect([seen.method, seen.body, headerLines(seen, 'version'), headerLines(seen, 'x-test')]).toEqual([
      'POST',
      '{"a":1}',
      ['v2'],
      ['1'],
    ]);
    expect(await versions(made, echo.url)).toEqual([]);
  });

  test('redirects: egress is checked for each hop', async () => {
    const to = (url: string): string => `${echo.url}/redirect?to=${encodeURIComponent(url)}`;
    expect(await inLane('v2', () => versions(api, to('/end')))).toEqual(['v2']);
    expect(await inLane('v2', () => versions(api, to(`http://external.example:${echo.port}/`)))).toEqual([]);
  });

  test('every attempt and every hook runs in the lane of the call', async () => {
    let count = 0;
    const server = createServer((request, response) => {
      if (++count <= 10) response.writeHead(503).end();
      else response.end(String(request.headers.version));
    });
    const url = `http://127.0.0.1:${await listen(server)}`;
    const hooks: (string | undefined)[] = [];
    const note = (): void => void hooks.push(lanes.current().name);
    const call = (lane: string): Promise<string> =>
      inLane(lane, () =>
        api(url, {
          retry: { limit: 20, backoffLimit: 1 },
          hooks: { beforeRequest: [note], beforeRetry: [note], afterResponse: [note] },
        }).text(),
      );
    const calls = ['v1', 'v2', 'v3', 'v4', 'v5'];
    expect(await Promise.all(calls.map(call))).toEqual(calls);
    expect(new Set(hooks)).toEqual(new Set(calls));
    expect(hooks.length).toBeGreaterThan(15);
    await close(server);
  });

  // On Node 26, ky 1.0 without Laneway loses about 3 of 1000 aborts, because its signal is garbage-collected. So retry there.
  test('timeouts and aborts fail with the errors of ky', { retry: name === 'ky 1.0' ? 2 : 0 }, async () => {
    const slow = `${echo.url}/slow?ms=2000`;
    const timedOut = inLane('v2', () => api(slow, { timeout: 20, retry: 0 }).text());
    await expect(timedOut).rejects.toHaveProperty('name', 'TimeoutError');
    const controller = new AbortController();
    const aborted = inLane('v2', () => api(slow, { signal: controller.signal, retry: 0 }).text());
    setImmediate(() => controller.abort());
    await expect(aborted).rejects.toHaveProperty('name', 'AbortError');
  });

  test('wraps a fetch in the defaults of the instance', async () => {
    let asked = 0;
    const original = ky.create({
      fetch: (...args: Parameters<typeof fetch>) => {
        asked++;
        return fetch(...args);
      },
    });
    expect(await inLane('v2', () => versions(laneKy(original, lanes), echo.url))).toEqual(['v2']);
    // ky 1.0 does not reveal its defaults.
    expect(asked).toBe(name === 'ky 1.0' ? 0 : 1);
  });
});
