import {
  type Baggage,
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api';
import { BASELINE, isBaseline } from './baseline.js';
import { reportDrop } from '../channels.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import { LanewayLaneError } from '../errors.js';
import { LaneContextManager } from './context-manager.js';
import type { LaneContext } from './lane-context.js';
import type { Lanes } from '../lanes.js';
import { adoptLane, isLane, LaneEntries } from './lane-entries.js';
import { joinMembers, memberValue } from '../baggage/baggage-member.js';
import { LANE, LaneScope } from './lane-scope.js';
import { mergeOtelBaggage } from './otel-baggage.js';
import { guardPolicy, guardPropagator } from './propagator-guard.js';
import { unitOf } from './unit-of-work.js';

const PROBE = createContextKey('laneway.probe');

/** Registers a context manager with OpenTelemetry's API if none is registered. */
export function ensureContextManager(): void {
  const kept = context.with(ROOT_CONTEXT.setValue(PROBE, true), () => context.active().getValue(PROBE));
  if (kept === undefined) context.setGlobalContextManager(new LaneContextManager());
}

/** The store of one policy. OpenTelemetry's `Context` holds the lane twice: as the lane, and as OpenTelemetry's baggage. */
export interface LaneStore {
  readonly current: () => LaneContext;
  readonly run: Lanes['run'];
  /** Like `run` at the baseline, but outside any unit of work. */
  readonly baseline: Lanes['baseline'];
  /** Returns the lane context under this store's policy; the same object for the same lane context. */
  readonly adopt: (lane: LaneContext) => LaneEntries;
}

/** Creates the store of a policy. */
export function createStore(policy: CompiledPolicy): LaneStore {
  const adopted = new WeakMap<LaneContext, LaneEntries>();
  const merged = new WeakMap<Baggage, { lane: LaneContext; result: LaneEntries }>();
  guardPolicy(policy);

  const adopt = (lane: LaneContext): LaneEntries => {
    if (lane instanceof LaneEntries && lane.policy !== undefined) return lane;
    const known = adopted.get(lane);
    if (known !== undefined) return known;
    const own = adoptLane(lane, policy);
    adopted.set(lane, own);
    return own;
  };

  /** Returns the lane with the baggage that was set through OpenTelemetry's API since the lane was entered. */
  const merge = (lane: LaneContext, baggage: Baggage): LaneContext => {
    const known = merged.get(baggage);
    if (known?.lane === lane) return known.result;
    const own = adopt(lane);
    const result = new LaneEntries(policy, own.headers, mergeText(own, baggage));
    merged.set(baggage, { lane, result });
    return result;
  };

  const derive = (active: Context, lane: LaneEntries | undefined, unit: object | undefined): Context =>
    new LaneScope(active, lane, baggageFor(active, lane, policy), unit);

  return {
    adopt,
    current() {
      const active = context.active();
      const lane = active.getValue(LANE) as LaneContext | undefined;
      const baggage = propagation.getBaggage(active);
      if (baggage === undefined || baggage === lane) return lane ?? BASELINE;
      const result = merge(lane ?? BASELINE, baggage);
      return isBaseline(result) ? BASELINE : result;
    },
    run(lane, fn, unit) {
      if (!isLane(lane)) throw new LanewayLaneError(lane);
      guardPropagator();
      const active = context.active();
      const inside = unit ?? unitOf(active);
      if (isBaseline(lane))
        return inside === unitOf(active) && !hasLane(active)
          ? fn()
          : context.with(derive(active, undefined, inside), fn);
      const own = adopt(lane);
      const entered = own.entered;
      if (entered?.context === active && inside === unitOf(active)) return fn();
      const from = LaneScope.baseOf(active);
      if (entered?.from === from && unitOf(entered.context) === inside)
        return context.with(entered.context, fn);
      const scope = derive(active, own, inside);
      // A socket enters its lane for each event from the same context, so the result is cached. Only if that context has no lane: otherwise
      // lanes would keep each other alive.
      if (policy.carriesAllBaggage && from.getValue(LANE) === undefined)
        own.entered = { from, context: scope };
      return context.with(scope, fn);
    },
    baseline(fn) {
      const active = context.active();
      const isOutside = unitOf(active) === undefined && !hasLane(active);
      return isOutside ? fn() : context.with(derive(active, undefined, undefined), fn);
    },
  };
}

function hasLane(active: Context): boolean {
  return active.getValue(LANE) !== undefined || propagation.getBaggage(active) !== undefined;
}

function mergeText(lane: LaneEntries, baggage: Baggage): string {
  if (isLane(baggage)) return baggage.baggage;
  try {
    return joinMembers(mergeOtelBaggage(lane.members, baggage, memberValue));
  } catch {
    // Not OpenTelemetry's implementation of `Baggage`.
    reportDrop({ reason: 'malformed', direction: 'attach', header: 'baggage' });
    return lane.baggage;
  }
}

/** Returns the baggage for OpenTelemetry's context: the lane, and the members that the policy does not carry. */
function baggageFor(
  active: Context,
  lane: LaneEntries | undefined,
  policy: CompiledPolicy,
): Baggage | undefined {
  const own = lane?.baggage === '' ? undefined : lane;
  const outer = propagation.getBaggage(active);
  if (policy.carriesAllBaggage || outer === undefined || isLane(outer)) return own;
  const kept = outer.getAllEntries().filter(([key]) => !policy.carriesKey(key) && !policy.isLaneKey(key));
  if (kept.length === 0) return own;
  const entries = [...kept, ...(own?.getAllEntries() ?? [])];
  return propagation.createBaggage(Object.fromEntries(entries));
}

/**
 * Returns a function that calls other functions in the current context, like `AsyncLocalStorage.snapshot`: with its lane and its span.
 *
 * For adapters whose client calls back in another context.
 *
 * @example
 * const enter = snapshot();
 * client.onReady((connection) => enter(handler, connection));
 */
export function snapshot(): <A extends unknown[], R>(fn: (...args: A) => R, ...args: A) => R {
  const active = context.active();
  return (fn, ...args) =>
    context.active() === active ? fn(...args) : context.with(active, fn, undefined, ...args);
}

/** Returns a function that calls `fn` in the current context, with its own `this` and arguments. */
export function bindToCurrent<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const active = context.active();
  return function (this: unknown, ...args) {
    return context.active() === active
      ? Reflect.apply(fn, this, args)
      : context.with(active, fn, this, ...args);
  };
}
