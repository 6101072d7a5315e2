import type { Baggage } from '@opentelemetry/api';

/**
 * What one request carries: named headers and W3C baggage. It is immutable; methods that change an entry return another lane context.
 *
 * It is an OpenTelemetry `Baggage` too: `propagation.getBaggage(context.active())` returns the current lane context. The methods of `Baggage`
 * see only the members, not the headers.
 *
 * @example
 * lanes.current().name;                                 // 'v2'
 * lanes.run(lanes.current().set('version', 'v3'), fn);  // fn runs in lane v3
 */
export interface LaneContext extends Baggage {
  /** The lane's name: the value of the header or else the baggage member `key` of the policy; `undefined` at the baseline. */
  readonly name: string | undefined;

  /** Returns the value of a header, or else the decoded value of a baggage member; for a duplicate key, the last one. */
  get(key: string): string | undefined;

  /**
   * Returns a lane context in which the entry has another value. An existing header, baggage member or both are replaced. A new entry becomes
   * a header if the policy carries a header of that name, otherwise a baggage member.
   *
   * @throws {LanewayEntryError} when the key is not a token, or the value is not valid in a header
   */
  set(key: string, value: string): LaneContext;

  /** Returns all entries in the order in which they were received, headers first; values of members are decoded. */
  entries(): readonly (readonly [key: string, value: string])[];
}
