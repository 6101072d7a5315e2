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

// When undici creates a queued request, OpenTelemetry's instrumentation adds the baggage of another call. Laneway removes it from
// wrapped calls. It must not change calls that are not wrapped.
const provider = new NodeTracerProvider();
provider.register();
const disable = registerInstrumentations({ instrumentations: [new UndiciInstrumentation()] });
const lanes = contractLanes();
const wrapped = laneFetch(undiciFetch, lanes);

let echo: EchoServer;
beforeAll(async () => void (echo = await echoServer()));
afterAll(async () => {
  disable();
  await provider.shutdown();
  await echo.close();
});

test.each([1, 3])(
  'wrapped and unwrapped calls mixed on one connection, pipelining %i',
  async (pipelining) => {
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
      // Opens the connection, so the instrumentation adds its baggage to all queued requests.
      async () => withBaggage('opener', async () => read(await undiciFetch(echo.url, { dispatcher }))),
      (index) =>
        lanes.run(lanes.capture({ baggage: `lane=v${index}` }), async () =>
          read(await wrapped(echo.url, { dispatcher })),
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
  },
);
