/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
// Measures what Laneway costs in one request and in one call, in one process and without a network. So it is much less noisy than the
// chains: batches of the ways alternate within milliseconds.
import { defineLanes } from '@laneway/core';
import { baselineHeaders, laneHeaders } from '../load/lane-headers.js';
import { inboundCalls } from './inbound.js';
import { outboundCalls } from './outbound.js';

const BATCH = 100;
const WARM_UP_BATCHES = 60;

const seconds = Number(process.argv[2]);
const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
const traffic = { 'with a lane': laneHeaders(1), 'without a lane': baselineHeaders() };

/** @returns {Promise<number>} microseconds per call */
async function timeBatch(call) {
  const start = performance.now();
  for (let i = 0; i < BATCH; i++) await call();
  return ((performance.now() - start) * 1000) / BATCH;
}

async function measure(ways) {
  const entries = Object.entries(ways);
  const times = Object.fromEntries(entries.map(([way]) => [way, []]));
  for (let i = 0; i < WARM_UP_BATCHES; i++) for (const [, call] of entries) await timeBatch(call);
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < end; turn++)
    for (const [way, call] of turn % 2 === 0 ? entries : entries.toReversed())
      times[way].push(await timeBatch(call));
  return times;
}

const rows = [];
for (const [requests, headers] of Object.entries(traffic)) {
  rows.push({ part: 'express request', requests, times: await measure(inboundCalls(lanes, headers)) });
  for (const client of ['fetch', 'undici'])
    rows.push({
      part: `${client} call`,
      requests,
      times: await measure(outboundCalls(client, lanes, headers)),
    });
}
process.on('disconnect', () => process.exit());
process.send({ rows });
