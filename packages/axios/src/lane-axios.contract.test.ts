import { text } from 'node:stream/consumers';
import { outboundContract } from '@laneway/testing';
import { type AnyAxios, type AnyConfig, clients, connect, connectFetch } from './clients.contract.js';
import { laneAxios } from './index.js';

for (const { name, axios, has } of clients) {
  const ways: [string, AnyConfig, typeof connect | typeof connectFetch][] = [
    ['', {}, connect],
    [', without redirects', { maxRedirects: 0 }, connect],
    [', streams', { responseType: 'stream' }, connect],
    ...(has.includes('fetch')
      ? [[', adapter fetch', {}, connectFetch] as [string, AnyConfig, typeof connectFetch]]
      : []),
  ];
  for (const [way, more, open] of ways) {
    outboundContract({
      name: `${name}${way}`,
      connect(lanes) {
        const { config, close } = open();
        const client = laneAxios<AnyAxios>(
          axios.create({ ...config, ...more, transformResponse: [] }),
          lanes,
        );
        return Promise.resolve({
          async call(url, headers) {
            const { status, data } = await client.get(url, { ...(headers && { headers }) });
            return {
              status,
              body: typeof data === 'string' ? data : await text(data as NodeJS.ReadableStream),
            };
          },
          close,
        });
      },
    });
  }
}
