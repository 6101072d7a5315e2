import { setImmediate } from 'node:timers';
import { propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import type { CompiledPolicy } from '../policy/compiled-policy.js';

// Of propagators that write traces and never baggage. Others may write baggage and not say so, as those of Jaeger and OpenTracing.
const TRACE_FIELDS: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'b3',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-sampled',
  'x-b3-flags',
  'x-b3-parentspanid',
  'x-amzn-trace-id',
]);

/** Whether OpenTelemetry's propagator may write its baggage on calls; without an SDK there is none, `LanePropagator` says that it does not. */
export function mayWriteBaggage(): boolean {
  return !propagation.fields().every((field) => TRACE_FIELDS.has(field));
}

const WITNESS = 'laneway-witness';
// One warning in a process, of all copies of this package.
const SLOT = Symbol.for('laneway.propagator-warning.1');
const registry = globalThis as { [SLOT]?: true };

/**
 * Makes the check of a policy: it warns, once in a process, when OpenTelemetry's propagator writes lane data by itself. It would write
 * it on what instrumentations send without Laneway: for any destination, late, as a second header.
 *
 * An SDK may start before the lanes are defined, right after, or long after. The check looks at start-up, and then ever more rarely:
 * the first, second, fourth, eighth time that it is called.
 */
export function createPropagatorCheck(policy: CompiledPolicy): () => void {
  const rule = policy.source.carry.baggage?.[0];
  if (rule === undefined) return () => {};
  const key = rule.replace('*', 'laneway');
  const check = (): void => {
    if (registry[SLOT] === undefined && writesMember(key)) warn();
  };
  setImmediate(check).unref();
  let calls = 0;
  return () => {
    calls++;
    if ((calls & (calls - 1)) === 0) check();
  };
}

/** Asks the propagator itself, as no name tells what it does. */
function writesMember(key: string): boolean {
  const written: unknown[] = [];
  const baggage = propagation.createBaggage({ [key]: { value: WITNESS } });
  try {
    const setter = { set: (_: unknown, __: string, value: unknown) => void written.push(value) };
    propagation.inject(propagation.setBaggage(ROOT_CONTEXT, baggage), {}, setter);
  } catch {
    // Somebody's own propagator, which expects a request.
  }
  return written.some((value) => String(value).includes(WITNESS));
}

function warn(): void {
  registry[SLOT] = true;
  process.emitWarning(
    "OpenTelemetry's propagator writes the lane's baggage on every call that its instrumentations see and Laneway does not: strangers " +
      'are told the lane, queued requests may carry the lane of another one, and a header that is set already is overwritten or doubled. ' +
      'Use LanePropagator of @laneway/opentelemetry in its place: new NodeSDK({ textMapPropagator: new LanePropagator({ lanes }) }).',
    { type: 'LanewayWarning', code: 'LANEWAY_OTEL_PROPAGATOR' },
  );
}
