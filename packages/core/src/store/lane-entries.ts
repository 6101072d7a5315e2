import { type BaggageEntry, type Context, baggageEntryMetadataFromString } from '@opentelemetry/api';
import { isFieldValue, isToken } from '../baggage/baggage-grammar.js';
import {
  type BaggageMember,
  joinMembers,
  memberProperties,
  memberValue,
  splitMembers,
} from '../baggage/baggage-member.js';
import { reportDrop } from '../channels.js';
import type { CompiledPolicy } from '../policy/compiled-policy.js';
import { LanewayEntryError } from '../errors.js';
import type { LaneContext } from './lane-context.js';
import type { OutgoingHeader } from '../lanes.js';
import { formatMember } from './otel-baggage.js';
import { compileHeaders } from '../headers/outgoing-headers.js';
import { encodeValue } from '../baggage/percent.js';

/** The implementation of {@link LaneContext}. It keeps the text that was received, and splits and compiles it at first use. */
export class LaneEntries implements LaneContext {
  /** Marks a lane context for other copies of this package; the number is the version of its layout. */
  readonly laneway = 1 as const;
  /** A cache of the store: the context that it last created for this lane, and the context on which that one is based. */
  lastRun: { readonly base: Context; readonly context: Context } | undefined;
  #members: readonly BaggageMember[] | undefined;
  #compiled: readonly OutgoingHeader[] | undefined;
  #compiledFor: CompiledPolicy | undefined;

  /**
   * @param policy decides the name and where new entries are added; `undefined` for the result of `BASELINE.set` until it is run
   * @param headers named headers, in lower case
   * @param baggage a valid baggage-string, or `''`
   */
  constructor(
    readonly policy: CompiledPolicy | undefined,
    readonly headers: readonly OutgoingHeader[],
    readonly baggage: string,
  ) {}

  get name(): string | undefined {
    return this.policy === undefined ? undefined : this.get(this.policy.key) || undefined;
  }

  get members(): readonly BaggageMember[] {
    return (this.#members ??= this.baggage === '' ? [] : splitMembers(this.baggage));
  }

  get(key: string): string | undefined {
    const name = key.toLowerCase();
    const header = this.headers.find((candidate) => candidate[0] === name);
    return header === undefined ? this.getEntry(key)?.value : header[1];
  }

  set(key: string, value: string): LaneContext {
    if (!isToken(key)) throw new LanewayEntryError(key, 'is not a token (RFC 9110, section 5.6.2)');
    const name = key.toLowerCase();
    const isHeader = this.headers.some((header) => header[0] === name);
    const isMember = this.members.some((member) => member.key === key);
    const becomesHeader = isHeader || (!isMember && this.policy?.carriesHeader(name) === true);
    if (becomesHeader && !isFieldValue(value))
      throw new LanewayEntryError(
        key,
        'is a header, but its value is not a valid field value (RFC 9110, section 5.5)',
      );
    const headers = becomesHeader
      ? [...this.headers.filter((header) => header[0] !== name), [name, value] as const]
      : this.headers;
    const members =
      isMember || !becomesHeader ? this.#replaced(key, `${key}=${encodeValue(value)}`) : this.members;
    return new LaneEntries(this.policy, headers, joinMembers(members));
  }

  entries(): readonly (readonly [key: string, value: string])[] {
    return [...this.headers, ...this.members.map((member) => [member.key, memberValue(member)] as const)];
  }

  /** Returns the headers to send under a policy. They are compiled once. */
  outgoing(policy: CompiledPolicy): readonly OutgoingHeader[] {
    if (this.#compiledFor !== policy || this.#compiled === undefined) {
      this.#compiled = compileHeaders(this.headers, this.baggage, policy);
      this.#compiledFor = policy;
    }
    return this.#compiled;
  }

  getEntry(key: string): BaggageEntry | undefined {
    const member = this.members.findLast((candidate) => candidate.key === key);
    return member && toEntry(member);
  }

  getAllEntries(): [string, BaggageEntry][] {
    return [...new Map(this.members.map((member) => [member.key, toEntry(member)]))];
  }

  setEntry(key: string, entry: BaggageEntry): LaneEntries {
    const text = formatMember(key, entry);
    return text === undefined ? this : this.#withMembers(this.#replaced(key, text));
  }

  removeEntry(key: string): LaneEntries {
    return this.removeEntries(key);
  }

  removeEntries(...keys: string[]): LaneEntries {
    return this.#withMembers(this.members.filter((member) => !keys.includes(member.key)));
  }

  clear(): LaneEntries {
    return this.#withMembers([]);
  }

  /** Replaces the first member of a key, or appends one; removes duplicates of the key. */
  #replaced(key: string, text: string): readonly BaggageMember[] {
    const member: BaggageMember = { key, text };
    const first = this.members.findIndex((candidate) => candidate.key === key);
    if (first === -1) return [...this.members, member];
    return this.members.flatMap((candidate, index) => {
      if (index === first) return member;
      return candidate.key === key ? [] : candidate;
    });
  }

  #withMembers(members: readonly BaggageMember[]): LaneEntries {
    return new LaneEntries(this.policy, this.headers, joinMembers(members));
  }
}

// `console.log` shows the name and the keys, but no values, which may be secret.
Object.defineProperty(LaneEntries.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: LaneEntries): string {
    const keys = this.entries().map(([key]) => key);
    return `LaneContext { name: ${JSON.stringify(this.name)}, keys: ${JSON.stringify(keys)} }`;
  },
});

/** Whether a value is a lane context of this or another copy of the package. */
export function isLane(value: unknown): value is LaneEntries {
  return typeof value === 'object' && value !== null && (value as { laneway?: unknown }).laneway === 1;
}

/**
 * Returns a lane context of this copy of the package for a policy. Entries that were set on `BASELINE`, without a policy, become headers if
 * the policy carries a header of that name.
 *
 * @returns the lane context itself when there is nothing to do
 */
export function adoptLane(lane: LaneContext, policy: CompiledPolicy): LaneEntries {
  if (lane instanceof LaneEntries && lane.policy !== undefined) return lane;
  const { headers, baggage, policy: known } = lane as LaneEntries;
  const foreign = new LaneEntries(policy, headers, baggage);
  return known === undefined ? placeEntries(foreign, policy) : foreign;
}

function placeEntries(lane: LaneEntries, policy: CompiledPolicy): LaneEntries {
  const headers: OutgoingHeader[] = [...lane.headers];
  const members: BaggageMember[] = [];
  for (const member of lane.members) {
    const name = member.key.toLowerCase();
    const value = memberValue(member);
    if (!policy.carriesHeader(name)) members.push(member);
    else if (isFieldValue(value)) headers.push([name, value]);
    else reportDrop({ reason: 'malformed', direction: 'attach', header: name });
  }
  return new LaneEntries(policy, headers, joinMembers(members));
}

function toEntry(member: BaggageMember): BaggageEntry {
  const properties = memberProperties(member);
  const value = memberValue(member);
  return properties === undefined
    ? { value }
    : { value, metadata: baggageEntryMetadataFromString(properties) };
}
