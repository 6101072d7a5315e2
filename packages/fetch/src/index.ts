export type { Fetch } from './fetch-kind.js';
export { kindOf, markKind } from './fetch-kind.js';
export { laneFetch } from './lane-fetch.js';
