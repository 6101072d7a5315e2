export { laneAxios } from './lane-axios.js';
export type { AxiosClient } from './lane-axios.js';
