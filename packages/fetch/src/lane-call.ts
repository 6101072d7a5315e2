import type { CallLane } from '@laneway/node-http';

/** What a call of fetch takes with it to each of its hops. */
export interface LaneCall extends CallLane {
  readonly client: FetchClient;
}

/** What is known about a fetch. */
export interface FetchClient {
  /** Whether it is a web fetch, which follows redirects without asking anybody. */
  readonly isWeb: boolean;
  /** Whether it leaves the header `Connection` to Node when it has no agent; node-fetch does so since 2.6.13 and 3.3.2. */
  leavesConnection: boolean;
}
