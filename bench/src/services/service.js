// A service made of parts, for the rows of frameworks and of clients: what takes the request, what makes the call, and which way the
// lane goes from the one to the other.
import { defineLanes } from '@laneway/core';
import { listenForBench } from './listen.js';

const [framework, client, way] = process.argv.slice(4);
const inbound = await import(`./inbound/${framework}.js`);
const outbound = await import(`./outbound/${client}.js`);

if (way === 'laneway') {
  const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
  listenForBench(await inbound.laneway(await outbound.laneway(lanes), lanes));
} else {
  const call = await outbound.byHand();
  listenForBench(
    await inbound.byHand((headers) => call(headers.baggage ? { baggage: headers.baggage } : {})),
  );
}
