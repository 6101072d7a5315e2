import { encodeValue } from '../baggage/percent.js';
import { isFieldValue } from '../baggage/baggage-grammar.js';
import { MAX_BAGGAGE_BYTES, trimOws } from '../baggage/baggage-member.js';
import { reportDrop } from '../channels.js';
import { type Carrier, forEachHeader } from '../headers/carrier.js';
import { areWithinLimits } from '../headers/header-limits.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import { type LaneSource, SOURCES } from '../policy/lane-sources.js';
import type { Sender } from '../policy/trust.js';
import { readCookie } from './cookie.js';
import { readParameter } from './query.js';

/**
 * Returns the value of the policy's key from the first source that has a valid one; `undefined` when none has. Never throws: other values
 * are dropped and reported.
 */
export function readSources(
  carrier: Carrier,
  policy: CompiledPolicy,
  from: Sender | undefined,
): string | undefined {
  for (const source of SOURCES) {
    const name = policy.sources?.[source];
    if (name === undefined) continue;
    try {
      const value = readers[source](name, carrier, from);
      const accepted = acceptValue(value, source, policy);
      if (accepted !== undefined) return accepted;
    } catch {
      // A getter or a proxy of the caller throws.
      reportDrop({ reason: 'malformed', direction: 'capture', source });
    }
  }
  return undefined;
}

/** Whether the query or `auth` names a lane, valid or not. */
export function hasSourceLane(policy: CompiledPolicy, from: Sender | undefined): boolean {
  const { query, auth } = policy.sources ?? {};
  return (
    (query !== undefined && readers.query(query, {}, from) !== undefined) ||
    (auth !== undefined && readers.auth(auth, {}, from) !== undefined)
  );
}

/** Returns what a source has under a name; `undefined` for nothing. */
type Reader = (name: string, carrier: Carrier, from: Sender | undefined) => unknown;

const readers: Readonly<Record<LaneSource, Reader>> = {
  auth: (name, _carrier, from) => {
    const auth = from?.auth;
    if (auth === undefined || auth === null) return undefined;
    // In a list, which is malformed: a text that is sent as the whole `auth` is not the lane.
    if (typeof auth !== 'object' || Array.isArray(auth)) return [auth];
    // Only own properties: a client can also send `__proto__`.
    return Object.hasOwn(auth, name) ? (auth as Record<string, unknown>)[name] : undefined;
  },
  query: (name, _carrier, from) => {
    const url: unknown = from?.url;
    const values = typeof url === 'string' ? readParameter(url, name) : [];
    return values.length > 1 ? values : values[0];
  },
  cookie: (name, carrier) => {
    const found: string[] = [];
    forEachHeader(carrier, 1 << 'cookie'.length, (header, value) => {
      if (header.toLowerCase() !== 'cookie') return;
      for (const text of Array.isArray(value) ? value : [value])
        if (typeof text === 'string') found.push(text);
    });
    // HTTP/2 may split the header (RFC 9113, section 8.2.3).
    return found.length === 0 ? undefined : readCookie(found.join('; '), name);
  },
};

/** Returns the value as the policy's key may have it; `undefined` for nothing, and for a value that is dropped and reported. */
function acceptValue(value: unknown, source: LaneSource, policy: CompiledPolicy): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? trimOws(value) : undefined;
  if (text === '') return undefined;
  const reason = text === undefined ? 'malformed' : findReason(text, policy);
  if (reason === undefined) return text;
  reportDrop({ reason, direction: 'capture', source });
  return undefined;
}

function findReason(text: string, policy: CompiledPolicy): 'limit' | 'malformed' | undefined {
  const { key } = policy;
  // Before anything else reads the text, which may have a megabyte.
  if (text.length > MAX_BAGGAGE_BYTES) return 'limit';
  if (!policy.carriesHeader(key.toLowerCase()))
    return key.length + 1 + encodeValue(text).length > MAX_BAGGAGE_BYTES ? 'limit' : undefined;
  if (!areWithinLimits([[key, text]])) return 'limit';
  return isFieldValue(text) ? undefined : 'malformed';
}
