/** The situations of calls, in the order of the table, with their share of 100 calls. */
export const shares = {
  plain: 29,
  'external host': 3,
  'redirect, same origin': 6,
  'redirect, other origin': 6,
  'redirect, external host': 3,
  'redirect, external host and back': 3,
  'retry, dropped': 4,
  'retry, 503': 4,
  // Planned separately, see plan.ts.
  timeout: 0,
  'aborted before sent': 3,
  'aborted while queued': 3,
  'aborted while receiving': 3,
  'queued behind a slow call': 10,
  'connection refused': 3,
  'connection reset': 3,
  'lazily created client': 5,
  'timer of another lane': 2,
  'interval of another lane': 2,
  'emitter of another lane': 2,
  'queue of another lane': 2,
  baseline: 4,
} as const;

/** The name of a situation. */
export type SituationName = keyof typeof shares;

/** The names of all situations, in the order of the table. */
export const situationNames: readonly SituationName[] = Object.keys(shares) as SituationName[];

/** The server that a request reaches: `home` and `other` are internal, `external` is an external host. */
export type Destination = 'home' | 'other' | 'external';

const OK = ['home ok'];
const AFTER = ['home after'];

/** The requests of a call, as destination and step. Each must arrive at least once, or the call tested nothing. */
export const mustArrive: Readonly<Record<SituationName, readonly string[]>> = {
  plain: OK,
  'external host': ['external ok'],
  'redirect, same origin': ['home redirect', 'home ok'],
  'redirect, other origin': ['home redirect', 'other ok'],
  'redirect, external host': ['home redirect', 'external ok'],
  'redirect, external host and back': ['home redirect', 'external redirect', 'home ok'],
  'retry, dropped': ['home drop', 'home drop again'],
  'retry, 503': ['home busy', 'home busy again'],
  timeout: AFTER,
  'aborted before sent': AFTER,
  'aborted while queued': AFTER,
  'aborted while receiving': ['home begin', 'home after'],
  'queued behind a slow call': OK,
  'connection refused': AFTER,
  'connection reset': ['home reset', 'home after'],
  // To another server, so that `home` sees the connections of one client only.
  'lazily created client': ['other ok'],
  'timer of another lane': OK,
  'interval of another lane': OK,
  'emitter of another lane': OK,
  'queue of another lane': OK,
  baseline: OK,
};
