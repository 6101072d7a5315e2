import http from 'node:http';
import { createRequire } from 'node:module';
import { laneFetch } from '@laneway/fetch';
import { laneHttp } from '@laneway/node-http';
import { contractLanes, echoServer, headerLines, laneHeaders, takeTurns } from '@laneway/testing';
import { context } from '@opentelemetry/api';
import { AsyncHooksContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, expect, test } from 'vitest';

// OpenTelemetry's older context manager uses async_hooks. The manager that is registered first is used.
context.setGlobalContextManager(new AsyncHooksContextManager().enable());
const lanes = contractLanes();
afterAll(() => context.disable());

test("100 lanes over one connection under OpenTelemetry's AsyncHooksContextManager", async () => {
  const echo = await echoServer();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const { get } = laneHttp(http, lanes);
  const fetch = laneFetch(createRequire(import.meta.url)('node-fetch-2') as typeof globalThis.fetch, lanes);
  const work = async (seed: number): Promise<string> => {
    const seen = new Set<string | undefined>();
    const look = (): unknown => seen.add(lanes.current().name);
    await takeTurns(seed);
    look();
    const answer = await fetch(echo.url, { agent } as object);
    seen.add(headerLines((await answer.json()) as Parameters<typeof headerLines>[0], 'version')[0]);
    await new Promise((done) => {
      get(`${echo.url}/`, { agent }, (response) => response.on('data', look).on('end', done).on('end', look));
    });
    look();
    return [...seen].join(' and ');
  };
  const expected = Array.from({ length: 100 }, (_, index) => `v${index}`);
  const seen = expected.map((lane, index) => lanes.run(lanes.capture(laneHeaders(lane)), () => work(index)));
  expect(await Promise.all(seen)).toEqual(expected);
  agent.destroy();
  await echo.close();
});
