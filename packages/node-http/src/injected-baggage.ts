import { context, propagation } from '@opentelemetry/api';

/** Headers of a request by name, in lower case, as Node returns them. */
export type SentHeaders = Record<string, unknown>;

/**
 * The headers of a request as its client set them: without the `baggage` that OpenTelemetry's http instrumentation has just written,
 * over the client's own if there was one.
 *
 * It writes what stands in the context of the moment, which on a redirect or a retry may be that of somebody else, and it writes it
 * for any destination. What it wrote is known by being what its propagator writes here and now.
 *
 * @param own the client's own baggage
 */
export function withoutInjectedBaggage(headers: SentHeaders, own: unknown): SentHeaders {
  if (headers.baggage === undefined || headers.baggage === own || propagation.fields().length === 0)
    return headers;
  const { baggage, ...rest } = headers;
  if (baggage !== injectedHere()) return headers;
  return own === undefined ? rest : { ...rest, baggage: own };
}

function injectedHere(): unknown {
  const carrier: SentHeaders = {};
  try {
    propagation.inject(context.active(), carrier);
  } catch {
    // A lone surrogate in a value makes some propagators throw.
  }
  return carrier.baggage;
}
