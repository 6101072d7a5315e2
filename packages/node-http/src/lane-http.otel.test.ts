import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { type EchoedRequest, loopbackLookup } from '@laneway/testing';
import { expect, test } from 'vitest';
import { addedBaggage, withAddedBaggage } from '../../../test/support/otel-contract.js';
import { inLaneLines, type Lines, linesOf, traceOnly, useOtel } from '../../../test/support/otel.js';
import { laneHttp } from './index.js';

const otel = useOtel(new HttpInstrumentation());
const { at, inLane, lanes } = otel;
// Wrapped before it is instrumented.
const wrapped = laneHttp(http, lanes);

async function send(url: string, options: http.RequestOptions = {}, by = wrapped): Promise<Lines> {
  const request = inLane('v2', () => by.get(url, { lookup: loopbackLookup, ...options }));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return linesOf((await json(response)) as EchoedRequest);
}

test('the instrumentation works: by itself it writes the trace, and no lane member', async () => {
  expect(await send(otel.echo.url, {}, http)).toEqual(traceOnly());
});

test('one baggage header, byte for byte; external hosts get the trace only', async () => {
  expect(await send(otel.echo.url)).toEqual(inLaneLines('v2'));
  expect(await send(at('external.example', '/'))).toEqual(traceOnly());
});

test('the baggage header of the caller is merged, not overwritten', async () => {
  const [, baggage] = await send(otel.echo.url, { headers: { Baggage: 'Lane=own' } });
  expect(baggage).toEqual(['Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty=']);
});

test("listeners run in the caller's whole context: the lane, OpenTelemetry's baggage, what was added to it", async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  await send(otel.echo.url, { agent });
  const seen: string[] = [];
  const note = (what: string) => (): void => {
    seen.push(`${what} ${lanes.current().name} ${lanes.current().get('added')} ${addedBaggage()}`);
  };
  const request = inLane('v2', () =>
    withAddedBaggage(() => wrapped.get(otel.echo.url, { agent }, note('callback'))),
  );
  request.on('response', note('response')).on('close', note('close'));
  request.on('response', (response: IncomingMessage) => {
    response.on('data', note('data')).on('end', note('end'));
  });
  await once(request, 'close');
  expect(seen).toEqual(['callback', 'response', 'data', 'end', 'close'].map((what) => `${what} v2 yes yes`));
  agent.destroy();
});
