import http from 'node:http';
import { text } from 'node:stream/consumers';
import { laneAxios } from '@laneway/axios';
import axios from 'axios';
import { type Client, promised } from '../client.js';

/** axios, which follows redirects with follow-redirects. */
export const load: Client['load'] = () =>
  Promise.resolve(({ wrap, lookup }) => {
    const httpAgent = new http.Agent({ keepAlive: true, maxSockets: 1, lookup });
    const client = wrap(
      axios.create({ httpAgent, responseType: 'stream', proxy: false, validateStatus: () => true }),
      laneAxios,
    );
    return {
      send: promised(async ({ url, signal, timeout, onResponse }) => {
        const response = await client.get<NodeJS.ReadableStream>(url, {
          ...(signal === undefined ? {} : { signal }),
          ...(timeout === undefined ? {} : { timeout }),
        });
        const body = text(response.data);
        onResponse?.();
        const { location } = response.headers as { location?: string };
        return { status: response.status, location, text: await body };
      }),
      close: () => httpAgent.destroy(),
    };
  });
