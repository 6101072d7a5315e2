import {
  type Baggage,
  type Context,
  propagation,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from '@opentelemetry/api';
import { reportDrop } from '../channels.js';
import { override } from '../override.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { LaneEntries } from './lane-entries.js';
import { LANE } from './lane-scope.js';

/** The key under which every copy of OpenTelemetry's API stores what is registered. */
const API = Symbol.for('opentelemetry.js.api.1');

/** The state of the guard in this process. */
interface Guard {
  /** The baggage keys that name or route a lane, of every policy. */
  readonly laneKeys: Set<string>;
  /** The number of calls in progress to which Laneway has attached the lane. */
  attached: number;
}

// A registered symbol: all copies of this package share one guard.
const GUARD = Symbol.for('laneway.guard.1');
const globals = globalThis as { [API]?: { propagation?: TextMapPropagator }; [GUARD]?: Guard };
const guard: Guard = (globals[GUARD] ??= { laneKeys: new Set(), attached: 0 });

/** The instrumentations whose calls Laneway can attach to. For these, nothing is lost when OpenTelemetry does not write the lane. */
const HTTP_SCOPES: ReadonlySet<string> = new Set([
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/instrumentation-undici',
]);

/** Keeps OpenTelemetry's propagator from writing the lane members of a policy, unless the policy allows it. */
export function guardPolicy(policy: CompiledPolicy): void {
  if (policy.source.propagatorSends) return;
  guard.laneKeys.add(policy.key);
  for (const [key] of policy.promote) guard.laneKeys.add(key);
  guardPropagator();
}

let known: TextMapPropagator | undefined;

/**
 * Wraps `inject` of the propagator that is registered with OpenTelemetry, so that it never writes lane members. Calling it again has no effect
 * until another propagator is registered.
 *
 * An instrumentation may inject in another request's context, ignores egress, and overwrites an existing header. An SDK may start at any time
 * and replace the propagator, so this is called for each request; it costs two property lookups.
 */
export function guardPropagator(): void {
  const api = globals[API];
  const registered = api?.propagation;
  if (registered === known) return;
  known = registered;
  if (api === undefined || registered === undefined || GUARD in registered.inject) return;
  override(registered, { inject: wrapInject as never });
  if (GUARD in registered.inject) return;
  // A frozen propagator keeps its methods.
  known = api.propagation = {
    inject: wrapInject((...args) => registered.inject(...args)),
    extract: (...args) => registered.extract(...args),
    fields: () => registered.fields(),
  };
}

function wrapInject(original: TextMapPropagator['inject']): TextMapPropagator['inject'] {
  const inject: TextMapPropagator['inject'] = function (this: TextMapPropagator, from, carrier, setter) {
    Reflect.apply(original, this, [withoutLane(from, carrier), carrier, setter] satisfies InjectArgs);
  };
  return Object.assign(inject, { [GUARD]: true });
}

type InjectArgs = [Context, unknown, TextMapSetter];

/**
 * Runs `fn`, which sends headers that already carry the lane, and returns its result. While it runs, OpenTelemetry's propagator writes no
 * baggage, so that there is only one `baggage` header.
 */
export function whileAttached<T>(fn: () => T): T {
  guard.attached++;
  try {
    return fn();
  } finally {
    guard.attached--;
  }
}

/** Returns the context without the baggage members that the propagator must not write. */
function withoutLane(from: Context, carrier: unknown): Context {
  const baggage = propagation.getBaggage(from);
  if (baggage === undefined) return from;
  // Laneway or the caller has set the header, and some instrumentations would overwrite it.
  if (guard.attached > 0 || hasBaggage(carrier)) return propagation.deleteBaggage(from);
  const isLanes = findLaneMembers(from);
  const others = baggage.getAllEntries().filter(([key]) => !isLanes(key));
  if (others.length === baggage.getAllEntries().length) return from;
  reportUnseen(from);
  return others.length === 0
    ? propagation.deleteBaggage(from)
    : propagation.setBaggage(from, toBaggage(others));
}

/** Returns which keys belong to the lane: in a lane, those that its policy carries or that it has; at the baseline, those that name or route a lane. */
function findLaneMembers(from: Context): (key: string) => boolean {
  const lane = from.getValue(LANE) as LaneEntries | undefined;
  if (lane === undefined) return (key) => guard.laneKeys.has(key);
  const { policy } = lane;
  if (policy?.source.propagatorSends) return () => false;
  return (key) => policy?.carriesKey(key) === true || lane.getEntry(key) !== undefined;
}

function toBaggage(entries: ReturnType<Baggage['getAllEntries']>): Baggage {
  return propagation.createBaggage(Object.fromEntries(entries));
}

function hasBaggage(carrier: unknown): boolean {
  if (typeof carrier !== 'object' || carrier === null) return false;
  for (const name in carrier) if (name.length === 7 && name.toLowerCase() === 'baggage') return true;
  return false;
}

/** Reports that a call does not carry its lane, because only an instrumentation of OpenTelemetry sees it. */
function reportUnseen(from: Context): void {
  const span = trace.getSpan(from) as
    { instrumentationScope?: { name: string }; instrumentationLibrary?: { name: string } } | undefined;
  const instrumentation = (span?.instrumentationScope ?? span?.instrumentationLibrary)?.name;
  if (instrumentation !== undefined && HTTP_SCOPES.has(instrumentation)) return;
  reportDrop({
    reason: 'propagator',
    direction: 'attach',
    header: 'baggage',
    ...(instrumentation === undefined ? {} : { instrumentation }),
  });
}
