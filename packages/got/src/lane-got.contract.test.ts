import { outboundContract } from '@laneway/testing';
import { test } from 'vitest';
import { type AnyGot, clients, connect, skipped } from './clients.contract.js';
import { laneGot } from './index.js';

for (const { name, got } of clients) {
  outboundContract({
    name,
    connect(lanes) {
      const { options, close } = connect();
      const client = laneGot<AnyGot>(got, lanes).extend(options);
      return Promise.resolve({
        async call(url, headers) {
          const { statusCode, body } = await client(url, { ...(headers && { headers }) });
          return { status: statusCode, body };
        },
        close: () => Promise.resolve(close()),
      });
    },
  });

  outboundContract({
    name: `${name}, streams`,
    connect(lanes) {
      const { options, close } = connect();
      const client = laneGot<AnyGot>(got, lanes).extend(options);
      return Promise.resolve({
        async call(url, headers) {
          const chunks: Buffer[] = [];
          for await (const chunk of client.stream(url, { ...(headers && { headers }) }))
            chunks.push(chunk as unknown as Buffer);
          return { status: 200, body: Buffer.concat(chunks).toString() };
        },
        close: () => Promise.resolve(close()),
      });
    },
  });
}

test.skip.each(skipped)('%s', () => {});
