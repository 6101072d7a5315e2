import { createRequire, register } from 'node:module';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { defineLanes, type Lanes } from '@laneway/core';
import { headerValue, laneway, type Way, type WayName } from './way.js';

/** Returns the `lanes` of the program. */
export function isolationLanes(): Lanes {
  return defineLanes({ key: 'x-lane', carry: { headers: ['x-lane'], baggage: ['*'] } });
}

/** Sets up a way in this process. Call it before you load a client, as the READMEs tell users. */
export async function startWay(name: WayName): Promise<Way> {
  if (name === 'opentelemetry') return startOpenTelemetry();
  const lanes = isolationLanes();
  if (name === 'instrumented') (await import('@laneway/instrument')).instrumentHttp(lanes);
  return laneway(lanes, name === 'wrapped');
}

/** Sets up OpenTelemetry as its documentation says, without an exporter and without Laneway. */
async function startOpenTelemetry(): Promise<Way> {
  register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
  const [core, { registerInstrumentations }, { HttpInstrumentation }, { UndiciInstrumentation }, sdk] =
    await Promise.all([
      import('@opentelemetry/core'),
      import('@opentelemetry/instrumentation'),
      import('@opentelemetry/instrumentation-http'),
      import('@opentelemetry/instrumentation-undici'),
      import('@opentelemetry/sdk-trace-node'),
    ]);
  new sdk.NodeTracerProvider().register({
    propagator: new core.CompositePropagator({
      propagators: [new core.W3CTraceContextPropagator(), new core.W3CBaggagePropagator()],
    }),
  });
  registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new UndiciInstrumentation()] });
  // The http instrumentation patches modules that are required later.
  const require = createRequire(import.meta.url);
  for (const name of ['node:http', 'node:https']) require(name);

  const inLane = (lane: string): ReturnType<typeof context.active> => {
    const entries = headerValue('baggage', lane)
      .split(',')
      .map((member) => member.split('=') as [string, string])
      .map(([key, value]) => [key, { value }] as const);
    return propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(Object.fromEntries(entries)));
  };
  return {
    run: (lane, fn) => context.with(lane === undefined ? ROOT_CONTEXT : inLane(lane), fn),
    bind: (fn) => context.bind(context.active(), fn),
    wrap: (client) => client,
  };
}
