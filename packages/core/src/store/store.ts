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
  const found = context.with(ROOT_CONTEXT.setValue(PROBE, true), () => context.active().getValue(PROBE));
  if (found === undefined) context.setGlobalContextManager(new LaneContextManager());
}

/** The store of one policy. OpenTelemetry's `Context` holds the lane twice: as the lane, and as OpenTelemetry's baggage. */
export interface LaneStore {
  readonly current: () => LaneContext;
  readonly run: Lanes['run'];
  /** Like `run` at the baseline, but outside any unit of work. */
  readonly baseline: Lanes['baseline'];
  /** Returns a lane context of this copy of the package, with this store's policy. Returns the same object for the same lane context. */
  readonly adopt: (lane: LaneContext) => LaneEntries;
}

/** Creates the store of a policy. */
export function createStore(policy: CompiledPolicy): LaneStore {
  const adoptions = new WeakMap<LaneContext, LaneEntries>();
  const merges = new WeakMap<Baggage, { lane: LaneContext; result: LaneEntries }>();
  guardPolicy(policy);

  const adopt = (lane: LaneContext): LaneEntries => {
    if (lane instanceof LaneEntries && lane.policy !== undefined) return lane;
    const known = adoptions.get(lane);
    if (known !== undefined) return known;
    const adopted = adoptLane(lane, policy);
    adoptions.set(lane, adopted);
    return adopted;
  };

  /** Returns the lane, merged with the baggage that code inside the lane set through OpenTelemetry's API. */
  const merge = (lane: LaneContext, baggage: Baggage): LaneContext => {
    const known = merges.get(baggage);
    if (known?.lane === lane) return known.result;
    const adopted = adopt(lane);
    const result = new LaneEntries(policy, adopted.headers, mergeBaggage(adopted, baggage));
    merges.set(baggage, { lane, result });
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
      const activeUnit = unitOf(active);
      const newUnit = unit ?? activeUnit;
      if (isBaseline(lane))
        return newUnit === activeUnit && !hasLane(active)
          ? fn()
          : context.with(derive(active, undefined, newUnit), fn);
      const adopted = adopt(lane);
      const { lastRun } = adopted;
      if (lastRun?.context === active && newUnit === activeUnit) return fn();
      const base = LaneScope.baseOf(active);
      if (lastRun?.base === base && unitOf(lastRun.context) === newUnit)
        return context.with(lastRun.context, fn);
      const scope = derive(active, adopted, newUnit);
      // Cached, because a socket runs each event in its lane from the same base. Not if the base has a lane: the cached contexts would keep
      // one lane after another in memory.
      if (policy.carriesAllBaggage && base.getValue(LANE) === undefined)
        adopted.lastRun = { base, context: scope };
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

function mergeBaggage(lane: LaneEntries, baggage: Baggage): string {
  if (isLane(baggage)) return baggage.baggage;
  try {
    return joinMembers(mergeOtelBaggage(lane.members, baggage, memberValue));
  } catch {
    // Another implementation of `Baggage` may throw.
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
  const ofLane = lane?.baggage === '' ? undefined : lane;
  const outer = propagation.getBaggage(active);
  if (policy.carriesAllBaggage || outer === undefined || isLane(outer)) return ofLane;
  const kept = outer.getAllEntries().filter(([key]) => !policy.carriesKey(key) && !policy.isLaneKey(key));
  if (kept.length === 0) return ofLane;
  const entries = [...kept, ...(ofLane?.getAllEntries() ?? [])];
  return propagation.createBaggage(Object.fromEntries(entries));
}

/**
 * Returns a function that runs other functions in the context in which `snapshot` was called, with its lane and its span. Works like
 * `AsyncLocalStorage.snapshot`.
 *
 * Adapters use it for clients that call back in another context.
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

/** Returns a function that calls `fn` in the context in which `bindToCurrent` was called. It passes `this` and the arguments on. */
export function bindToCurrent<A extends unknown[], R>(fn: (...args: A) => R): (...args: A) => R {
  const active = context.active();
  return function (this: unknown, ...args) {
    return context.active() === active
      ? Reflect.apply(fn, this, args)
      : context.with(active, fn, this, ...args);
  };
}
