/** The situations in which a call is made, in the order of the table, with their share of 100 calls. */
export const shares = {
  plain: 29,
  stranger: 3,
  'redirect, same origin': 6,
  'redirect, other origin': 6,
  'redirect, stranger': 3,
  'redirect, stranger and back': 3,
  'retry, dropped': 4,
  'retry, 503': 4,
  // Planned by itself, see plan.ts.
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

/** All of them, in the order of the table. */
export const situationNames: readonly SituationName[] = Object.keys(shares) as SituationName[];

/** Where a request arrives: `home` and `friend` are inside egress, a `stranger` is not. */
export type Place = 'home' | 'friend' | 'stranger';

const OK = ['home ok'];
const AFTER = ['home after'];

/** What must have arrived of a call: place and step, each at least once. Else the situation tested nothing. */
export const mustArrive: Readonly<Record<SituationName, readonly string[]>> = {
  plain: OK,
  stranger: ['stranger ok'],
  'redirect, same origin': ['home redirect', 'home ok'],
  'redirect, other origin': ['home redirect', 'friend ok'],
  'redirect, stranger': ['home redirect', 'stranger ok'],
  'redirect, stranger and back': ['home redirect', 'stranger redirect', 'home ok'],
  'retry, dropped': ['home drop', 'home drop again'],
  'retry, 503': ['home busy', 'home busy again'],
  timeout: AFTER,
  'aborted before sent': AFTER,
  'aborted while queued': AFTER,
  'aborted while receiving': ['home begin', 'home after'],
  'queued behind a slow call': OK,
  'connection refused': AFTER,
  'connection reset': ['home reset', 'home after'],
  // Elsewhere, so that the connections of `home` are those of one client.
  'lazily created client': ['friend ok'],
  'timer of another lane': OK,
  'interval of another lane': OK,
  'emitter of another lane': OK,
  'queue of another lane': OK,
  baseline: OK,
};
