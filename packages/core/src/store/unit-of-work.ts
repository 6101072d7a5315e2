import { type Context, propagation } from '@opentelemetry/api';
import { LANE, UNIT } from './lane-scope.js';

/** The unit of a lane that `lanes.run` entered outside of any unit. A request without a unit of its own may take it, once. */
interface LooseUnit {
  isTaken: boolean;
}

// One object in the process, as every copy of this package makes contexts for all others.
const SLOT = Symbol.for('laneway.units.1');
const registry = globalThis as { [SLOT]?: { hasLoose: boolean } };
const units = (registry[SLOT] ??= { hasLoose: false });

/** The unit of work that a context belongs to; `undefined` for none. */
export function unitOf(context: Context): object | undefined {
  return context.getValue(UNIT) as object | undefined;
}

/** Makes the unit of a lane that is entered outside of any unit. */
export function createLooseUnit(): object {
  units.hasLoose = true;
  const unit: LooseUnit = { isTaken: false };
  return unit;
}

/**
 * Whether a request without a lane needs a unit of its own. It costs a context, and nearly no request has a lane: so it has none as
 * long as every lane in this process belongs to a unit.
 */
export function needsUnit(): boolean {
  return units.hasLoose;
}

/**
 * Whether a context belongs to the unit of work that `own` was made for: it is the same one, or was made inside of it, by code that set
 * another lane or a span. False for the context of another request, and of whoever made a connection that several share.
 *
 * @example
 * if (!belongsTo(context.active(), own)) return context.with(own, handler);
 */
export function belongsTo(active: Context, own: Context): boolean {
  if (active === own) return true;
  const unit = unitOf(active);
  const ownUnit = unitOf(own);
  if (ownUnit !== undefined) return unit === ownUnit;
  // A request that came before the first lane outside of a unit: what it meets now is its own code's, or nobody's.
  if (unit === undefined) {
    if (propagation.getBaggage(active) !== undefined) units.hasLoose = true;
    return true;
  }
  return takeLoose(unit);
}

/** Whether two contexts have the same lane and the same baggage. */
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
