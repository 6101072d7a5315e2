import type { Outcome } from './run-calls.js';
import type { Addresses, Arrival } from './upstream.js';

/** The message to the client's process: the upstream is ready. */
export interface Begin {
  readonly addresses: Addresses;
}

/** The messages of the client's process. */
export interface SubjectMessage {
  readonly round?: number;
  readonly outcome?: Outcome;
}

/** The messages of the upstream's process: its addresses and, on request, the arrivals. */
export interface UpstreamMessage {
  readonly addresses?: Addresses;
  readonly arrivals?: readonly Arrival[];
  readonly peak?: number;
}
