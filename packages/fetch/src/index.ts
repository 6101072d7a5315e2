export { laneFetch } from './lane-fetch.js';
export type { Fetch } from './lane-fetch.js';
