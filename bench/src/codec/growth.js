// Measures attach and capture in nanoseconds, by the number of baggage members and by the number of egress rules. All sizes take turns
// in one process.
import { defineLanes } from '@laneway/core';

const BATCH = 1000;
const WARM_UP_BATCHES = 60;
const MEMBERS = [1, 8, 64, 180];
const RULES = [0, 10, 100, 1000];
const DESTINATIONS = ['helloworld', 'cart', 'stock', 'payments'].map(
  (name) => `http://${name}.shop.prod.example:5000/hello`,
);

const seconds = Number(process.argv[2]);
let requests = 0;
let consumed = 0;

/** Creates headers with a new baggage of this many members. The string is flat, like one from a socket, not a tree of parts. */
function newHeaders(members) {
  const baggage = Array.from({ length: members }, (_, index) => `key-${index}=value-${requests}-${index}`);
  requests += 1;
  return { accept: '*/*', baggage: Buffer.from(baggage.join(','), 'latin1').toString('latin1') };
}

function lanesWith(rules) {
  const others = Array.from({ length: rules }, (_, index) => `*.team-${index}.example`);
  return defineLanes({ key: 'key-0', carry: { baggage: ['*'] }, egress: [...others, '*.prod.example'] });
}

function timeCapture(lanes, members) {
  const carriers = Array.from({ length: BATCH / 10 }, () => newHeaders(members));
  const start = process.hrtime.bigint();
  for (const carrier of carriers) consumed += lanes.capture(carrier) === undefined ? 1 : 0;
  return Number(process.hrtime.bigint() - start) / carriers.length;
}

/** Attaches one unchanged lane many times, like a request that makes many calls. */
function timeAttach(lanes, lane) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < BATCH; i++) {
    const outgoing = lanes.attach({ accept: '*/*', 'user-agent': 'wsk' }, { to: DESTINATIONS[i & 3], lane });
    consumed += outgoing.baggage.length;
  }
  return Number(process.hrtime.bigint() - start) / BATCH;
}

function makeRow(members, rules, lanes) {
  return { members, rules, lanes, lane: lanes.capture(newHeaders(members)), attach: [], capture: [] };
}

const plain = lanesWith(0);
const rows = [
  ...MEMBERS.map((members) => makeRow(members, 0, plain)),
  ...RULES.slice(1).map((rules) => makeRow(8, rules, lanesWith(rules))),
];

function measure() {
  for (const row of rows) {
    row.attach.push(timeAttach(row.lanes, row.lane));
    row.capture.push(timeCapture(row.lanes, row.members));
  }
}

for (let i = 0; i < WARM_UP_BATCHES; i++) measure();
for (const row of rows) row.attach.length = row.capture.length = 0;
const end = performance.now() + seconds * 1000;
while (performance.now() < end) measure();

process.on('disconnect', () => process.exit());
process.send({
  consumed,
  rows: rows.map(({ members, rules, attach, capture }) => ({ members, rules, attach, capture })),
});
