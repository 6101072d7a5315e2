import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { type EchoedRequest, laneHeaders, loopbackLookup } from '@laneway/testing';
import { expect, test } from 'vitest';
import { inLaneLines, type Lines, linesOf, traceOnly, useOtel } from '../../../test/support/otel.js';
import { callAgent } from './index.js';

const { at, inLane, lanes } = useOtel(new HttpInstrumentation());
const EXTERNAL = 'external.example';

/** Makes a call in a lane. Its client sends the request later, from code that runs in lane v3. */
async function send(lane: string, headers: Record<string, string> = {}, host = '127.0.0.1'): Promise<Lines> {
  const original = new http.Agent({ lookup: loopbackLookup });
  const from = lanes.capture(lane === 'baseline' ? {} : laneHeaders(lane));
  const agent = lanes.run(from, () => callAgent(original, http, { lanes, lane: from })) as http.Agent;
  const request = inLane('v3', () => http.get(at(host, '/'), { agent, headers }));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return linesOf((await json(response)) as EchoedRequest);
}

test('the instrumentation writes no baggage of the context that the request is made in', async () => {
  expect(await send('v2')).toEqual(inLaneLines('v2'));
  expect(await send('baseline')).toEqual(traceOnly());
  expect(await send('v2', {}, EXTERNAL)).toEqual(traceOnly());
});

test('the instrumentation does not overwrite the baggage of the caller', async () => {
  expect(await send('baseline', { baggage: 'own=1' })).toEqual([[], ['own=1'], 1]);
  expect(await send('v2', { baggage: 'own=1' }, EXTERNAL)).toEqual([[], ['own=1'], 1]);
  const merged = 'own=1,2=two,Lane=v2;p1 = x;flag,userId=%41lice%20%C3%BC,1=one,empty=';
  expect(await send('v2', { baggage: 'own=1' })).toEqual([['v2'], [merged], 1]);
});
