import { isBaggage, isFieldValue } from '../baggage/baggage-grammar.js';
import { fitMembers } from '../baggage/baggage-limits.js';
import { joinMembers, MAX_BAGGAGE_BYTES, splitMembers, trimOws } from '../baggage/baggage-member.js';
import { BASELINE } from '../store/baseline.js';
import { type Carrier, forEachHeader, headerText } from './carrier.js';
import { captureChannel, reportDrop } from '../channels.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import type { LaneContext } from '../store/lane-context.js';
import { LaneEntries } from '../store/lane-entries.js';
import type { OutgoingHeader } from '../lanes.js';
import { stripHeaders } from './strip.js';
import type { Sender } from '../policy/trust.js';
import { headerBytes, isWithinLimits, MAX_HEADER_BYTES } from './outgoing-headers.js';

/** Reads the lane that a carrier holds, under a policy. Never throws: what is wrong is dropped and reported. */
export function captureLane(carrier: Carrier, policy: CompiledPolicy, from?: Sender): LaneContext {
  if (policy.trusts?.(from, carrier) === false) return refuse(carrier, policy);
  return readLane(carrier, policy);
}

function refuse(carrier: Carrier, policy: CompiledPolicy): LaneContext {
  try {
    if (stripHeaders(carrier, policy) !== carrier) reportDrop({ reason: 'untrusted', direction: 'capture' });
  } catch {
    reportDrop({ reason: 'malformed', direction: 'capture' });
  }
  return BASELINE;
}

function readLane(carrier: Carrier, policy: CompiledPolicy): LaneContext {
  const found: OutgoingHeader[] = [];
  let baggage = '';
  try {
    forEachHeader(carrier, policy.lengths, (name, value) => {
      const lower = policy.readsHeader(name);
      if (lower === 'baggage') baggage = append(baggage, headerText(value));
      else if (lower !== undefined) addHeader(found, lower, headerText(value));
    });
  } catch {
    reportDrop({ reason: 'malformed', direction: 'capture' });
  }
  const headers = found.length === 0 ? found : checkHeaders(found, policy);
  const members = baggage === '' ? '' : captureBaggage(trimOws(baggage), policy);
  if (headers.length === 0 && members === '') return BASELINE;
  const lane = new LaneEntries(policy, headers, members);
  if (captureChannel.hasSubscribers) captureChannel.publish({ lane });
  return lane;
}

/** Several fields of a name are one list (RFC 9110, section 5.2). */
function append(existing: string, text: string): string {
  return existing === '' ? text : `${existing},${text}`;
}

function addHeader(found: OutgoingHeader[], name: string, text: string): void {
  const value = trimOws(text);
  if (value === '') return;
  const same = found.findIndex((header) => header[0] === name);
  if (same === -1) found.push([name, value]);
  else found[same] = [name, `${found[same]?.[1]}, ${value}`];
}

function checkHeaders(found: readonly OutgoingHeader[], policy: CompiledPolicy): readonly OutgoingHeader[] {
  const valid = found.every(isValid) ? found : found.filter(reportInvalid);
  let bytes = headerBytes(valid);
  if (bytes <= MAX_HEADER_BYTES) return valid;
  const key = policy.key.toLowerCase();
  // From the last to the first, the one that names the lane after all others.
  const dropped = new Set<OutgoingHeader>();
  for (const header of valid.toReversed().toSorted((a, b) => Number(a[0] === key) - Number(b[0] === key))) {
    if (bytes <= MAX_HEADER_BYTES) break;
    bytes -= headerBytes([header]);
    dropped.add(header);
    reportDrop({ reason: 'limit', direction: 'capture', header: header[0] });
  }
  return valid.filter((header) => !dropped.has(header));
}

function isValid(header: OutgoingHeader): boolean {
  return isFieldValue(header[1]);
}

function reportInvalid(header: OutgoingHeader): boolean {
  if (isValid(header)) return true;
  reportDrop({ reason: 'malformed', direction: 'capture', header: header[0] });
  return false;
}

function captureBaggage(text: string, policy: CompiledPolicy): string {
  // The common case: valid, within the limits and carried as a whole. It is kept as it came and never split.
  if (policy.carriesAllBaggage && text.length <= MAX_BAGGAGE_BYTES && isBaggage(text) && isWithinLimits(text))
    return text;
  const members = splitMembers(text, () =>
    reportDrop({ reason: 'malformed', direction: 'capture', header: 'baggage' }),
  );
  const carried = members.filter(({ key }) => policy.carriesKey(key));
  const fitting = fitMembers(carried, policy.isLaneKey, ({ key }) =>
    reportDrop({ reason: 'limit', direction: 'capture', header: 'baggage', key }),
  );
  return joinMembers(fitting);
}
