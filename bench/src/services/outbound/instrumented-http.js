import http from 'node:http';
import { instrumentHttp } from '@laneway/instrument';
import { callBy } from './http.js';

export const byHand = () => callBy(http);

export function laneway(lanes) {
  instrumentHttp(lanes);
  return callBy(http);
}
