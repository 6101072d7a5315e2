import { type Context, propagation } from '@opentelemetry/api';
import { LANE, UNIT } from './lane-scope.js';

/** The unit of a lane that `lanes.run` entered outside any unit. One request without its own unit may adopt it. */
interface LooseUnit {
  isTaken: boolean;
}

// One object per process, because all copies of this package share contexts.
const SLOT = Symbol.for('laneway.units.1');
const registry = globalThis as { [SLOT]?: { hasLoose: boolean } };
const units = (registry[SLOT] ??= { hasLoose: false });

/** Returns the unit of work to which a context belongs; `undefined` for none. */
export function unitOf(context: Context): object | undefined {
  return context.getValue(UNIT) as object | undefined;
}

/** Creates the unit of a lane that is entered outside any unit. */
export function createLooseUnit(): object {
  units.hasLoose = true;
  const unit: LooseUnit = { isTaken: false };
  return unit;
}

/**
 * Whether a request without a lane needs its own unit. A unit costs a context, and nearly all requests have no lane. So they get one only
 * after a lane was entered outside any unit in this process.
 */
export function needsUnit(): boolean {
  return units.hasLoose;
}

/**
 * Whether `active` belongs to the unit of work of `own`: it is the same context, or derived from it by code that set another lane or a span.
 * False for the context of another request, and of the code that opened a shared connection.
 *
 * @example
 * if (!belongsTo(context.active(), own)) return context.with(own, handler);
 */
export function belongsTo(active: Context, own: Context): boolean {
  if (active === own) return true;
  const unit = unitOf(active);
  const ownUnit = unitOf(own);
  if (ownUnit !== undefined) return unit === ownUnit;
  // The request started before the first lane outside a unit, so a lane without a unit was entered by its own code.
  if (unit === undefined) {
    if (propagation.getBaggage(active) !== undefined) units.hasLoose = true;
    return true;
  }
  return takeLoose(unit);
}

/** Whether two contexts have the same lane and baggage. */
export function haveSameLane(one: Context, other: Context): boolean {
  return (
    one.getValue(LANE) === other.getValue(LANE) &&
    propagation.getBaggage(one) === propagation.getBaggage(other)
  );
}

function takeLoose(unit: Partial<LooseUnit>): boolean {
  if (unit.isTaken !== false) return false;
  unit.isTaken = true;
  return true;
}
