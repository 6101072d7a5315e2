// A service composed of three parts, for the rows of frameworks and clients: the framework, the client, and the way that keeps the lane
// between them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { defineLanes } from '@laneway/core';
import { listenForBench } from './listen.js';

const [framework, client, way] = process.argv.slice(4);
const inbound = await import(`./inbound/${framework}.js`);
const outbound = await import(`./outbound/${client}.js`);

const ways = {
  'by-hand': async () => {
    const call = await outbound.byHand();
    return inbound.byHand((headers) => call(laneOf(headers)));
  },
  'by-hand-in-run': async () => {
    const call = await outbound.byHand();
    const storage = new AsyncLocalStorage();
    return inbound.inRun(
      () => call(storage.getStore()),
      (headers, next) => storage.run(laneOf(headers), next),
    );
  },
  laneway: async () => {
    const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
    return inbound.laneway(await outbound.laneway(lanes), lanes);
  },
};

function laneOf({ baggage }) {
  return baggage ? { baggage } : {};
}

listenForBench(await ways[way]());
