import http from 'node:http';
import { laneBaggage, takeTurns, useEcho } from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type AnyAxios,
  type AnyConfig,
  type AnyResponse,
  clients,
  connect,
  laneOfResponse,
} from './clients.contract.js';
import { laneAxios } from './index.js';

const { lanes, echo, inLane } = useEcho();

const V2 = ['v2', laneBaggage('v2')];
const V3 = ['v3', laneBaggage('v3')];
const NONE = ['', ''];

type Failed = Error & { config: AnyConfig };

describe.each(clients)('$name', ({ axios: original }) => {
  const { config, close } = connect();
  afterAll(close);

  /** Returns two wrapped instances: `prepare` changed one before it was wrapped, the other afterwards. */
  function both(prepare: (client: AnyAxios) => void): [string, AnyAxios][] {
    const before = original.create(config);
    prepare(before);
    const after = laneAxios(original.create(config), lanes);
    prepare(after);
    return [
      ['before', laneAxios(before, lanes)],
      ['after', after],
    ];
  }

  test('a request interceptor that rejects unknown agents sees the original one', async () => {
    const seen: unknown[] = [];
    const instances = both((client) => {
      delete client.defaults.httpAgent;
      client.interceptors.request.use((call: AnyConfig) => {
        seen.push(call.httpAgent, call.httpsAgent);
        return Object.assign(call, { httpAgent: config.httpAgent });
      });
    });
    for (const [, client] of instances) {
      const response = await inLane('v2', () => client.get(echo.url));
      expect([laneOfResponse(response), response.config.httpAgent]).toEqual([V2, config.httpAgent]);
    }
    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
  });

  test('a retry by a response interceptor has the lane of the code that retries', async () => {
    for (const [, client] of both((instance) => {
      instance.interceptors.response.use(undefined, (error: Failed) =>
        instance.request({ ...error.config, url: `${echo.url}/again` }),
      );
    })) {
      expect(laneOfResponse(await inLane('v2', () => client.get(`${echo.url}/drop`)))).toEqual(V2);
      expect(laneOfResponse(await client.get(`${echo.url}/drop`))).toEqual(NONE);
    }
  });

  test('a retry in another lane with the configuration of a failed call carries only the lane of the retry', async () => {
    const client = laneAxios(original.create(config), lanes);
    const { config: failed } = (await inLane('v2', () =>
      client.get(`${echo.url}/drop`, { headers: { 'x-own': '1' } }).catch((error: unknown) => error),
    )) as Failed;
    // axios 1.0 cannot read the headers of a configuration that it returned.
    const again = { ...failed, url: `${echo.url}/again`, headers: {} };
    expect(laneOfResponse(await inLane('v3', () => client.request(again)))).toEqual(V3);
    expect(laneOfResponse(await client.request(again))).toEqual(NONE);
    // An instance that is not wrapped.
    expect(laneOfResponse(await inLane('v3', () => original.create().request(again)))).toEqual(NONE);
  });

  test('one configuration for concurrent calls in many lanes, also from an interceptor', async () => {
    const shared = { url: echo.url, ...config, headers: {} };
    const client = laneAxios(original.create(), lanes);
    const calls = ['v2', 'v3', 'v2', 'v3'].map(async (lane, index) => {
      await takeTurns(index);
      return laneOfResponse(await inLane(lane, () => client.request(shared)));
    });
    expect(await Promise.all(calls)).toEqual([V2, V3, V2, V3]);
    let kept: AnyConfig | undefined;
    client.interceptors.request.use((call: AnyConfig) => (kept ??= call));
    const more = ['v2', 'v3', 'v2', 'v3'].map((lane) => inLane(lane, () => client.request(shared)));
    expect((await Promise.all(more)).map(laneOfResponse)).toEqual([V2, V3, V2, V3]);
    expect(kept?.httpAgent).toBe(config.httpAgent);
    expect(kept).not.toHaveProperty('httpsAgent');
  });

  test('interceptors that wait for a promise of another lane', async () => {
    let release = (): void => {};
    const token = new Promise<void>((resolve) => (release = resolve));
    for (const [, client] of both((instance) => {
      instance.interceptors.request.use(async (call: AnyConfig) => {
        await token;
        return call;
      });
    })) {
      const waiting = inLane('v2', () => client.get(echo.url));
      inLane('v3', () => release());
      expect(laneOfResponse(await waiting)).toEqual(V2);
    }
  });

  test("interceptors run in the lane, see the caller's configuration, and keep their order", async () => {
    const run = async (client: AnyAxios): Promise<unknown[]> => {
      const seen: unknown[] = [];
      const given = new WeakSet<AnyConfig>();
      const note = (what: string): unknown => seen.push(`${what} ${lanes.current().name}`);
      for (const name of ['one', 'two']) {
        client.interceptors.request.use((call: AnyConfig) => {
          note(`request ${name}`);
          given.add(call);
          return call;
        });
        client.interceptors.response.use((response: AnyResponse) => {
          note(`response ${name}`);
          seen.push(given.has(response.config), Object.keys(response.config).toSorted());
          return response;
        });
      }
      const id = client.interceptors.request.use(() => note('ejected'));
      client.interceptors.request.eject(id);
      await inLane('v2', () => client.post(echo.url, { a: 1 }));
      return seen;
    };
    const expected = await run(original.create(config));
    expect(await run(laneAxios(original.create(config), lanes))).toEqual(expected);
    const late = original.create(config);
    const lateSeen = run(late);
    laneAxios(late, lanes);
    expect(await lateSeen).toEqual(expected);
  });

  const ordering = 'legacyInterceptorReqResOrdering';
  const { transitional } = original.defaults as { transitional: object };
  test.skipIf(!(ordering in transitional))('in the order in which interceptors were added', async () => {
    const client = original.create({ ...config, transitional: { [ordering]: false } });
    const seen: unknown[] = [];
    const note = (call: AnyConfig): AnyConfig => {
      seen.push(call.httpAgent === config.httpAgent);
      return call;
    };
    client.interceptors.request.use(note);
    laneAxios(client, lanes).interceptors.request.use(note);
    expect(laneOfResponse(await inLane('v2', () => client.get(echo.url)))).toEqual(V2);
    expect(seen).toEqual([true, true]);
  });

  test("an interceptor that returns or throws a wrong value gives axios' error", async () => {
    const wrong = [undefined, null, 'text', {}];
    for (const value of wrong) {
      const run = (client: AnyAxios): Promise<unknown> => {
        client.interceptors.request.use(() => value);
        return inLane('v2', () => client.get(echo.url)).then(
          () => 'answered',
          (error: Error) => [error.name, error.message],
        );
      };
      expect(await run(laneAxios(original.create(), lanes))).toEqual(await run(original.create()));
    }
    const client = laneAxios(original.create(config), lanes);
    const thrown = Object.freeze(new Error('mine'));
    client.interceptors.request.use(() => {
      throw thrown;
    });
    expect(await inLane('v2', () => client.get(echo.url)).catch((error: unknown) => error)).toBe(thrown);
  });

  test('without other interceptors, a call is sent in the same turn', () => {
    const sent = (client: AnyAxios): boolean => {
      let asked = false;
      const transport = {
        request(...args: [object]): http.ClientRequest {
          asked = true;
          return http.request(...args);
        },
      };
      const done = client.get(echo.url, { transport });
      const now = asked;
      done.catch(() => {});
      return now;
    };
    expect(sent(laneAxios(original.create(), lanes))).toBe(sent(original.create()));
  });

  test('a custom adapter receives the configuration that carries the lane, and its answer is not changed', async () => {
    const adapter = (call: AnyConfig): Promise<unknown> =>
      new Promise((resolve, reject) => {
        const request = http.get(echo.url, { agent: call.httpAgent as http.Agent }, (response) => {
          response.on('data', (chunk) =>
            resolve({ data: JSON.parse(String(chunk)) as unknown, status: 200, headers: {}, config: call }),
          );
        });
        request.on('error', reject);
      });
    const client = laneAxios(original.create({ ...config, adapter }), lanes);
    const response = await inLane('v2', () => client.get(echo.url));
    expect([laneOfResponse(response), response.config.httpAgent]).toEqual([V2, config.httpAgent]);
  });

  test('a custom adapter that calls again at the baseline sends no lane', async () => {
    const client = laneAxios(original.create(config), lanes);
    const again = (call: AnyConfig): AnyConfig => ({
      ...call,
      adapter: original.defaults.adapter,
      headers: {},
    });
    const adapter = (call: AnyConfig): Promise<unknown> => lanes.baseline(() => client.request(again(call)));
    expect(laneOfResponse(await inLane('v2', () => client.get(echo.url, { adapter })))).toEqual(NONE);
  });
});
