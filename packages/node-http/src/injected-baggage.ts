import { context, propagation } from '@opentelemetry/api';

/**
 * The `baggage` header of a request as its client set it: without the one that OpenTelemetry's http instrumentation has just written,
 * over the client's own if there was one.
 *
 * It writes what stands in the context of the moment, which on a redirect or a retry may be that of somebody else, and it writes it
 * for any destination. What it wrote is known by being what its propagator writes here and now.
 *
 * @param set what the request has
 * @param own the client's own
 */
export function clientBaggage(set: unknown, own: unknown): unknown {
  if (set === undefined || set === own || propagation.fields().length === 0) return set;
  return set === injectedHere() ? own : set;
}

function injectedHere(): unknown {
  const carrier: { baggage?: unknown } = {};
  try {
    propagation.inject(context.active(), carrier);
  } catch {
    // A lone surrogate in a value makes some propagators throw.
  }
  return carrier.baggage;
}
