import { type Context, propagation } from '@opentelemetry/api';
import { LANE, UNIT } from './lane-scope.js';

/** Returns the unit of work to which a context belongs; `undefined` for none. */
export function unitOf(context: Context): object | undefined {
  return context.getValue(UNIT) as object | undefined;
}

/**
 * Whether two contexts belong to the same unit of work. Code of a request that sets another lane or a span stays in its unit. Another
 * request, and the code that opened a shared connection, belong to other units.
 *
 * @example
 * if (!belongsTo(context.active(), requestContext)) return context.with(requestContext, handler);
 */
export function belongsTo(active: Context, other: Context): boolean {
  return active === other || unitOf(active) === unitOf(other);
}

/** Whether two contexts have the same lane and baggage. */
export function haveSameLane(one: Context, other: Context): boolean {
  return (
    one.getValue(LANE) === other.getValue(LANE) &&
    propagation.getBaggage(one) === propagation.getBaggage(other)
  );
}
