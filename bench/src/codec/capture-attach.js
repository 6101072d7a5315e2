// Measures one capture plus attach without a transport, in nanoseconds: Laneway and OpenTelemetry's baggage propagator, in one
// process. Both read the headers of a request and write the lane into the headers of a call.
import { ROOT_CONTEXT, defaultTextMapGetter, defaultTextMapSetter } from '@opentelemetry/api';
import { W3CBaggagePropagator } from '@opentelemetry/core';
import { defineLanes } from '@laneway/core';
import { laneHeaders } from '../load/lane-headers.js';

const BATCH = 1000;
const WARM_UP_BATCHES = 200;
const DESTINATIONS = ['helloworld', 'cart', 'stock', 'payments'].map(
  (name) => `http://${name}.shop.svc:5000/hello`,
);

const seconds = Number(process.argv[2]);
const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
const propagator = new W3CBaggagePropagator();

let callers = 0;
let consumed = 0;

/** Creates new strings for every batch, so that a cache by string does not help. */
function newRequests() {
  return Array.from({ length: BATCH }, () => laneHeaders(1_000_000 + callers++));
}

/** @returns {number} nanoseconds per capture plus attach */
function timeLaneway(requests) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < BATCH; i++) {
    const lane = lanes.capture(requests[i]);
    const outgoing = lanes.attach({ accept: '*/*', 'user-agent': 'wsk' }, { to: DESTINATIONS[i & 3], lane });
    consumed += outgoing.baggage.length;
  }
  return Number(process.hrtime.bigint() - start) / BATCH;
}

/** @returns {number} nanoseconds per extract plus inject */
function timeOpenTelemetry(requests) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < BATCH; i++) {
    const context = propagator.extract(ROOT_CONTEXT, requests[i], defaultTextMapGetter);
    const outgoing = { accept: '*/*', 'user-agent': 'wsk' };
    propagator.inject(context, outgoing, defaultTextMapSetter);
    consumed += outgoing.baggage.length;
  }
  return Number(process.hrtime.bigint() - start) / BATCH;
}

/** @returns {{ laneway: number, opentelemetry: number }} */
function timeBatch() {
  const ofLaneway = newRequests();
  const ofOpenTelemetry = newRequests();
  return { laneway: timeLaneway(ofLaneway), opentelemetry: timeOpenTelemetry(ofOpenTelemetry) };
}

for (let i = 0; i < WARM_UP_BATCHES; i++) timeBatch();

const batches = [];
const end = performance.now() + seconds * 1000;
while (performance.now() < end) batches.push(timeBatch());

// Send the number of written bytes, so that the compiler cannot remove the work.
process.on('disconnect', () => process.exit());
process.send({ batches, consumed });
