import { BASELINE, type Carrier, type LaneContext, type Lanes } from '@laneway/core';
import type { DispatchOptions } from './dispatch.js';
import { pinsOf, placesOf } from './hop.js';
import { plainHeaders, removeAdded } from './hop-headers.js';
import { watchHeaders } from './request-watch.js';

/** What was decided about a request, where the application made it. */
interface Decision {
  readonly lanes: Lanes;
  /** The lane of the caller, `BASELINE` for none. */
  readonly lane: LaneContext;
  /** Where the lane was judged for. */
  readonly places: readonly string[];
  readonly options: DispatchOptions;
  /** The headers without the lane and with it. */
  readonly before: Carrier | undefined;
  readonly after: Carrier | undefined;
}

/**
 * The key in the options of a dispatch. Interceptors and pools hand options on, or a copy, in which a symbol survives: so whoever is
 * further in, and asked later, from anywhere, knows that it is not to decide. In the headers of a lane as well, for interceptors that
 * make options of their own. Registered, for several copies of this package.
 */
const DECISION = Symbol.for('laneway.undici.decision.1');

interface DecidedOptions extends DispatchOptions {
  readonly [DECISION]?: Decision;
}

type DecidedHeaders = Carrier & { [DECISION]?: Decision };

/** Whether the lane of a request was decided further out. */
export function isDecided(options: DispatchOptions): boolean {
  return decisionOf(options) !== undefined;
}

function decisionOf(options: DispatchOptions): Decision | undefined {
  return (options as DecidedOptions)[DECISION] ?? (options.headers as DecidedOptions | undefined)?.[DECISION];
}

/**
 * Returns options that carry a lane, or none, and the decision for everyone further in. The caller's are not changed.
 *
 * @param dispatcher what they are dispatched by, when it is known
 */
export function decide(
  options: DispatchOptions,
  lanes: Lanes,
  lane: LaneContext,
  dispatcher?: object,
): DispatchOptions {
  const places = placesOf(options, dispatcher);
  const isLaned = lane !== BASELINE && places.length > 0;
  const before = isLaned ? plainHeaders(options.headers) : (options.headers ?? undefined);
  const after = isLaned ? attachFor(places, before, lanes, lane) : before;
  const decision: Decision = { lanes, lane, places, options, before, after };
  if (after !== undefined && after !== before) (after as DecidedHeaders)[DECISION] = decision;
  return { ...options, headers: watchHeaders(options, after), [DECISION]: decision } as DispatchOptions;
}

/**
 * Judges a request once more that was decided further out, if it goes somewhere else by now: a redirect by an interceptor in between,
 * which has copied the lane's headers, or a dispatcher that is pinned to an origin.
 */
export function judgeAgain(options: DispatchOptions, dispatcher: object): DispatchOptions {
  const decision = decisionOf(options);
  if (decision === undefined || decision.lane === BASELINE || goesThere(options, dispatcher, decision))
    return options;
  const { [DECISION]: _, ...rest } = options as DecidedOptions;
  const { lanes, lane, before, after } = decision;
  const headers = before === after ? rest.headers : removeAdded(rest.headers, before, after);
  return decide({ ...rest, headers }, lanes, lane, dispatcher);
}

/** Whether a request still goes where it was judged for. */
function goesThere(
  options: DispatchOptions,
  dispatcher: object,
  { places, options: judged }: Decision,
): boolean {
  const same =
    options.origin === judged.origin &&
    options.path === judged.path &&
    options.servername === judged.servername;
  // Asked three times for each request: of an `Agent`, of its `Pool`, and of its `Client`.
  if (same && places.length === 1) {
    const pins = pinsOf(dispatcher);
    if (pins.length === 0 || (pins.length === 1 && pins[0] === places[0])) return true;
  }
  return placesOf(options, dispatcher).join(' ') === places.join(' ');
}

function attachFor(
  [first = '', ...others]: readonly string[],
  headers: Carrier | undefined,
  lanes: Lanes,
  lane: LaneContext,
): Carrier | undefined {
  // None of them may see the lane unless all may.
  const allowed = others.every((to) => lanes.attach(undefined, { to, lane }) !== undefined);
  return allowed ? lanes.attach(headers, { to: first, lane }) : headers;
}
