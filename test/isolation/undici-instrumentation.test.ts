import { laneFetch } from '@laneway/fetch';
import {
  contractLanes,
  type EchoedRequest,
  echoServer,
  type EchoServer,
  headerLines,
} from '@laneway/testing';
import { context, propagation } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Agent, fetch as undiciFetch, Pool } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';

// OpenTelemetry's instrumentation adds the baggage of whoever made a queued request be created, another call's. From a laned call it
// is taken off again; from calls that are not ours nothing may be taken.
const provider = new NodeTracerProvider();
provider.register();
const disable = registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] });
const lanes = contractLanes();
const laned = laneFetch(undiciFetch, lanes);

let echo: EchoServer;
beforeAll(async () => void (echo = await echoServer()));
afterAll(async () => {
  disable();
  await provider.shutdown();
  await echo.close();
});

test.each([1, 3])('laned and other calls mixed over one connection, pipelining %i', async (pipelining) => {
  const dispatcher = new Agent({
    factory: (origin, options) => new Pool(origin, Object.assign(options, { connections: 1, pipelining })),
  });
  const read = async (answer: Awaited<ReturnType<typeof undiciFetch>>): Promise<string[]> =>
    headerLines((await answer.json()) as EchoedRequest, 'baggage');
  const withBaggage = <T>(value: string, fn: () => T): T =>
    context.with(
      propagation.setBaggage(context.active(), propagation.createBaggage({ other: { value } })),
      fn,
    );
  const calls: ((index: number) => Promise<string[]>)[] = [
    // Opens the connection, so that its baggage is what the instrumentation adds to all that wait.
    async () => withBaggage('opener', async () => read(await undiciFetch(echo.url, { dispatcher }))),
    (index) =>
      lanes.run(lanes.capture({ baggage: `lane=v${index}` }), async () =>
        read(await laned(echo.url, { dispatcher })),
      ),
    async (index) =>
      read(await undiciFetch(echo.url, { dispatcher, headers: { baggage: `byHand=${index}` } })),
  ];
  const seen = await Promise.all(
    Array.from({ length: 150 }, (_, index) => (calls[index % 3] as (typeof calls)[0])(index)),
  );
  seen.forEach((lines, index) => {
    if (index % 3 === 0) expect(lines).toEqual(['other=opener']);
    else if (index % 3 === 1) expect(lines).toEqual([`lane=v${index}`]);
    else expect(lines[0]).toBe(`byHand=${index}`);
  });
  await dispatcher.close();
});
