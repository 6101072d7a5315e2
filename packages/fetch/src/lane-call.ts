import type { CallLane } from '@laneway/node-http';

/** What a call of fetch takes with it to each of its hops. */
export interface LaneCall extends CallLane {
  readonly client: FetchClient;
}

/** What is known about a fetch. */
export interface FetchClient {
  /** Whether it is a web fetch, which follows redirects without asking anybody. */
  readonly isWeb: boolean;
}
