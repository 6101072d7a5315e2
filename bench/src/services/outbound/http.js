import http from 'node:http';
import { laneHttp } from '@laneway/node-http';
import { upstream } from '../listen.js';

const agent = new http.Agent({ keepAlive: true });

/** @returns {(headers?: object) => Promise<string>} a function that calls the module's `get` */
export const callBy =
  (module) =>
  (headers = {}) =>
    new Promise((resolve, reject) => {
      module
        .get(upstream, { agent, headers }, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk) => (text += chunk));
          response.on('end', () => resolve(text));
        })
        .on('error', reject);
    });

export const byHand = () => callBy(http);

export const laneway = (lanes) => callBy(laneHttp(http, lanes));
