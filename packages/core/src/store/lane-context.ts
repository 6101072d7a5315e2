import type { Baggage } from '@opentelemetry/api';

/**
 * What one request carries: named headers and W3C baggage. Immutable; the methods that change it return another one.
 *
 * It is an OpenTelemetry `Baggage` too: `propagation.getBaggage(context.active())` returns the current lane, and its methods
 * see the baggage members, not the headers.
 *
 * @example
 * lanes.current().name;                                 // 'v2'
 * lanes.run(lanes.current().set('version', 'v3'), fn);  // fn runs in lane v3
 */
export interface LaneContext extends Baggage {
  /** The lane's name: the value of the policy's `key`, header before baggage member; `undefined` at the baseline. */
  readonly name: string | undefined;

  /** The value of an entry, header before baggage member, the last one of a duplicate key; values of members are decoded. */
  get(key: string): string | undefined;

  /**
   * Returns a context in which the entry has another value. It is replaced wherever it stands, header, baggage member or both;
   * a new one becomes a header if the policy carries a header of that name, else a baggage member.
   *
   * @throws {LanewayEntryError} when the key is no token, or the value of a header no field value
   */
  set(key: string, value: string): LaneContext;

  /** All entries, headers first, in the order that they came, members with their decoded values. */
  entries(): readonly (readonly [key: string, value: string])[];
}
