import { type Context, propagation } from '@opentelemetry/api';
import { LANE, UNIT } from './lane-scope.js';

/** Returns the unit of work to which a context belongs; `undefined` for none. */
export function unitOf(context: Context): object | undefined {
  return context.getValue(UNIT) as object | undefined;
}

/**
 * Whether `active` belongs to the unit of work of `own`: it is the same context, or derived from it by code that set another lane or a span.
 * False for the context of another request, and of the code that opened a shared connection.
 *
 * @example
 * if (!belongsTo(context.active(), own)) return context.with(own, handler);
 */
export function belongsTo(active: Context, own: Context): boolean {
  return active === own || unitOf(active) === unitOf(own);
}

/** Whether two contexts have the same lane and baggage. */
export function haveSameLane(one: Context, other: Context): boolean {
  return (
    one.getValue(LANE) === other.getValue(LANE) &&
    propagation.getBaggage(one) === propagation.getBaggage(other)
  );
}
