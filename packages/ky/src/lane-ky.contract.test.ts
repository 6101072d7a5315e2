import { loopbackLookup, outboundContract } from '@laneway/testing';
import { Agent, getGlobalDispatcher, Pool, setGlobalDispatcher } from 'undici';
import { afterAll, describe, test } from 'vitest';
import { laneKy } from './index.js';
import { kys } from './kys.contract.js';

// ky uses Node's fetch. One connection per origin makes calls share it.
const before = getGlobalDispatcher();
setGlobalDispatcher(
  new Agent({
    factory: (origin) => new Pool(origin, { connections: 1, connect: { lookup: loopbackLookup } }),
  }),
);
afterAll(async () => {
  await getGlobalDispatcher().close();
  setGlobalDispatcher(before);
});

for (const [name, ky] of kys) {
  outboundContract({
    name,
    connect(lanes) {
      const wrapped = laneKy(ky, lanes).extend({ throwHttpErrors: false, retry: 0 });
      return Promise.resolve({
        async call(url, headers) {
          const response = await wrapped(url, headers && { headers });
          return { status: response.status, body: await response.text() };
        },
        close: () => Promise.resolve(),
      });
    },
  });
}

describe.skipIf(kys.length === 3)('ky 2 needs Node 22', () => {
  test.skip('the contract', () => {});
});
