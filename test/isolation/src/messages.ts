import type { Outcome } from './run-calls.js';
import type { Addresses, Arrival } from './upstream.js';

/** What the process of a client is told: the upstream is ready. */
export interface Begin {
  readonly addresses: Addresses;
}

/** What the process of a client tells. */
export interface SubjectMessage {
  readonly round?: number;
  readonly outcome?: Outcome;
}

/** What the process of the upstream tells: where it is, and when it is asked, what arrived. */
export interface UpstreamMessage {
  readonly addresses?: Addresses;
  readonly arrivals?: readonly Arrival[];
  readonly peak?: number;
}
