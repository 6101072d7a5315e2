import type { LaneSources } from './lane-sources.js';
import type { Trust } from './trust.js';

/** Which headers and baggage members are carried. A name is exact (`version`), a prefix (`appver*`) or a suffix (`*-lane`). */
export interface CarryRules {
  /** Header names; case is ignored. @default [] */
  readonly headers?: readonly string[];
  /** Baggage keys; case matters (W3C Baggage, section 3.3.1.1.1). `*` carries all of them. @default [] */
  readonly baggage?: readonly string[];
}

/**
 * Defines what is carried, to which destinations it may be sent, and what names the lane.
 *
 * `carry` decides what is captured. Entries that your code sets (`LaneContext.set`, or OpenTelemetry's baggage API) are sent too.
 *
 * @example
 * const policy: LanePolicy = {
 *   key: 'version',
 *   carry: { headers: ['version', 'appver*'], baggage: ['*'] },
 *   promote: { 'x-mse-tag': 'x-mse-tag' },
 *   egress: ['*.prod.example'],
 * };
 */
export interface LanePolicy {
  /** The name of the entry (header or baggage member) whose value names the lane. It must be carried. @default 'x-lane' */
  readonly key?: string;
  /** @default the header of `key`, and all baggage */
  readonly carry?: CarryRules;
  /** Baggage key to header name: outgoing calls get a copy of the member in that header, so that a proxy can route on it. @default {} */
  readonly promote?: Readonly<Record<string, string>>;
  /**
   * Destinations to which lane data may be sent, in addition to `DEFAULT_EGRESS`: a host name (`api.partner.example`), all names below one
   * (`*.prod.example`), an address or a CIDR block (`203.0.113.0/24`).
   *
   * @default []
   */
  readonly egress?: readonly string[];
  /**
   * Whose lanes to accept. The lane of an untrusted sender is dropped with reason `untrusted`, and the inbound adapters remove its headers
   * from the request, so that code which forwards a request's headers does not forward that lane.
   *
   * Leave the field out for the default. `null` and `undefined` are rejected, because a setting that was not found must not trust everyone.
   *
   * @default 'all', which is right inside a mesh and wrong at its edge
   * @example ['10.0.0.0/8'] // the gateway's addresses
   */
  readonly trust?: Trust;
  /**
   * Where the lane may come from when the headers do not name one, for clients that cannot set headers, such as browsers: the name of a
   * cookie, of a query parameter, or of a property of socket.io's `handshake.auth`.
   *
   * @default {} // no source is read
   * @example { cookie: 'lane', query: 'lane', auth: 'lane' }
   */
  readonly sources?: LaneSources;
  /**
   * Whether OpenTelemetry's propagator may write lane members on calls that only its instrumentations see, such as those of its kafkajs or
   * AWS instrumentation. It ignores egress, re-encodes values, overwrites an existing `baggage` header, and may write the members of another
   * request on a queued call. With `false` such calls carry no lane, which is reported with reason `propagator`.
   *
   * @default false
   */
  readonly propagatorSends?: boolean;
}
