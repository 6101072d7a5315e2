import { isBaggage } from '../baggage/baggage-grammar.js';
import { isWithinLimits, joinFitting } from '../baggage/baggage-limits.js';
import { MAX_BAGGAGE_BYTES, splitMembers, trimOws } from '../baggage/baggage-member.js';
import { BASELINE } from '../store/baseline.js';
import { type Carrier, forEachHeader, headerText } from './carrier.js';
import { captureChannel, reportDrop } from '../channels.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { LaneContext } from '../store/lane-context.js';
import { LaneEntries } from '../store/lane-entries.js';
import type { OutgoingHeader } from '../lanes.js';
import { removeLane } from './strip.js';
import type { Sender } from '../policy/trust.js';
import { hasSourceLane, readSources } from '../sources/source-lane.js';
import { fitHeaders, isSendable } from './header-limits.js';

/** Returns the lane context that a carrier holds. Never throws: malformed entries are dropped and reported. */
export function captureLane(carrier: Carrier, policy: CompiledPolicy, from?: Sender): LaneContext {
  try {
    if (policy.trusts?.(from, carrier) !== false) return readLane(carrier, policy, from);
    if (removeLane(carrier, policy) !== carrier || hasSourceLane(policy, from))
      reportDrop({ reason: 'untrusted', direction: 'capture' });
  } catch {
    reportDrop({ reason: 'malformed', direction: 'capture' });
  }
  return BASELINE;
}

function readLane(carrier: Carrier, policy: CompiledPolicy, from: Sender | undefined): LaneContext {
  const found: FoundHeaders = { list: [], index: undefined };
  let baggage = '';
  try {
    forEachHeader(carrier, policy.lengths, (name, value) => {
      const lower = policy.readsHeader(name);
      if (lower === 'baggage') baggage = append(baggage, trimOws(headerText(value)));
      else if (lower === '') reportName(name);
      else if (lower !== undefined) addHeader(found, lower, headerText(value));
    });
  } catch {
    reportDrop({ reason: 'malformed', direction: 'capture' });
  }
  const headers = found.list.length === 0 ? found.list : checkHeaders(found.list, policy);
  const members = baggage === '' ? '' : captureBaggage(trimOws(baggage), policy);
  const isEmpty = headers.length === 0 && members === '';
  if (isEmpty && policy.sources === undefined) return BASELINE;
  const captured = new LaneEntries(policy, headers, members);
  const lane = policy.sources === undefined ? captured : addSource(captured, carrier, policy, from);
  if (isEmpty && lane === captured) return BASELINE;
  if (captureChannel.hasSubscribers) captureChannel.publish({ lane });
  return lane;
}

/** Returns the lane context with the lane that a source names, unless the headers name one. */
function addSource(
  lane: LaneEntries,
  carrier: Carrier,
  policy: CompiledPolicy,
  from: Sender | undefined,
): LaneContext {
  const value = lane.name === undefined ? readSources(carrier, policy, from) : undefined;
  return value === undefined ? lane : lane.set(policy.key, value);
}

/** Reports a name that is not a token. It is quoted, because it may contain CR LF, and drops are written to logs. */
function reportName(name: string): void {
  reportDrop({ reason: 'malformed', direction: 'capture', header: JSON.stringify(name) });
}

interface FoundHeaders {
  readonly list: OutgoingHeader[];
  index: Map<string, number> | undefined;
}

/** Joins two fields of one name to a list (RFC 9110, section 5.2). */
function append(existing: string, text: string): string {
  return existing === '' ? text : `${existing},${text}`;
}

function addHeader(found: FoundHeaders, name: string, text: string): void {
  const value = trimOws(text);
  if (value === '') return;
  const { list } = found;
  const same = found.index?.get(name) ?? (found.index ? -1 : list.findIndex((header) => header[0] === name));
  if (same !== -1) {
    list[same] = [name, `${list[same]?.[1]}, ${value}`];
    return;
  }
  list.push([name, value]);
  found.index?.set(name, list.length - 1);
  // An index is slower for few headers, but an untrusted sender may send thousands.
  if (list.length === 32) found.index = new Map(list.map((header, at) => [header[0], at]));
}

function checkHeaders(found: readonly OutgoingHeader[], policy: CompiledPolicy): readonly OutgoingHeader[] {
  const valid = found.every(isSendable) ? found : found.filter(reportInvalid);
  return fitHeaders(valid, policy, ([header]) =>
    reportDrop({ reason: 'limit', direction: 'capture', header }),
  );
}

function reportInvalid(header: OutgoingHeader): boolean {
  if (isSendable(header)) return true;
  reportDrop({ reason: 'malformed', direction: 'capture', header: header[0] });
  return false;
}

function captureBaggage(text: string, policy: CompiledPolicy): string {
  // The common case: valid, within the limits, and all of it is carried. It is kept as received, without splitting it.
  if (policy.carriesAllBaggage && text.length <= MAX_BAGGAGE_BYTES && isBaggage(text) && isWithinLimits(text))
    return text;
  const members = splitMembers(text, () =>
    reportDrop({ reason: 'malformed', direction: 'capture', header: 'baggage' }),
  );
  const carried = members.filter(({ key }) => policy.carriesKey(key));
  return joinFitting(carried, policy, 'capture');
}
