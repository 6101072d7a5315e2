import { outboundContract } from '@laneway/testing';
import { clients } from './clients.contract.js';
import { laneFetch } from './index.js';

for (const client of clients) {
  outboundContract({
    name: client.name,
    pooled: client.unpooled === undefined,
    connect(lanes) {
      const { init, close } = client.connect();
      const fetch = laneFetch(client.fetch, lanes);
      return Promise.resolve({
        async call(url, headers) {
          const response = await fetch(url, { ...init, ...(headers && { headers }) });
          return { status: response.status, body: await response.text() };
        },
        close,
      });
    },
  });
}
