import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { defineLanes } from '@laneway/core';
import { type EchoedRequest, headerLines, laneBaggage, testUnless } from '@laneway/testing';
import type { Dispatcher } from 'undici';
import { afterAll, describe, expect, test } from 'vitest';
import { withAddedBaggage } from '../../../test/support/otel-contract.js';
import { inLaneLines, linesOf, traceOnly, useOtel } from '../../../test/support/otel.js';
import { laneDispatcher, laneInterceptor } from './index.js';
import { echoRequest, poolAgent, undicis } from './undici.contract.js';

const otel = useOtel(new UndiciInstrumentation());
const { at, inLane, lanes, via } = otel;
const EXTERNAL = 'external.example';

describe.each(undicis)('%s', (version, undici) => {
  const dispatcher = laneDispatcher(poolAgent(undici), lanes);
  afterAll(() => dispatcher.close());
  const send = (url: string, options = {}, over: Dispatcher = dispatcher): Promise<EchoedRequest> =>
    echoRequest(over, url, options);

  test('the instrumentation works: by itself it writes the trace, and no lane member', async () => {
    const plain = poolAgent(undici);
    expect(linesOf(await inLane('v2', () => send(otel.echo.url, {}, plain)))).toEqual(traceOnly());
    await plain.close();
  });

  test('one baggage header, byte for byte, in every shape of headers', async () => {
    const record = { 'x-own': '1' };
    const shapes = [undefined, record, Object.entries(record).flat()];
    if (version !== 'undici 6.0') shapes.push(new Headers(record) as never);
    for (const headers of shapes) {
      const seen = await inLane('v2', () => send(otel.echo.url, { headers }));
      expect(linesOf(seen)).toEqual(inLaneLines('v2'));
      expect(linesOf(await inLane('v2', () => send(at(EXTERNAL, '/'), { headers })))).toEqual(traceOnly());
    }
  });

  test('the baggage header of the caller and baggage set through OpenTelemetry are merged', async () => {
    const seen = await inLane('v2', () =>
      withAddedBaggage(() => send(otel.echo.url, { headers: ['baggage', 'own=1'] })),
    );
    const merged = `own=1,${laneBaggage('v2').replace(' , ', ',')},added=yes`;
    expect(headerLines(seen, 'baggage')).toEqual([merged]);
  });

  test('calls that wait behind other lanes: in a lane, with a query, for external hosts, at the baseline', async () => {
    const openers = ['v8', 'v9'].map((name) => inLane(name, () => send(at('127.0.0.1', '/slow?ms=5'))));
    const calls = Array.from({ length: 60 }, async (_, index) => {
      const name = `v${index % 50}`;
      const headers = [undefined, { 'x-own': '1' }, ['x-own', '1']][index % 3];
      const kind = index % 4;
      const url = at(kind === 1 ? EXTERNAL : '127.0.0.1', '/');
      const options = { headers, query: kind === 2 ? { a: 1 } : undefined };
      const seen = await (kind === 0 ? send(url, options) : inLane(name, () => send(url, options)));
      expect(linesOf(seen)).toEqual(kind < 2 ? traceOnly() : inLaneLines(name));
    });
    await Promise.all([...openers, ...calls]);
  });

  test('calls that wait, with a policy that carries some baggage: one header, with the other baggage of the call', async () => {
    const some = defineLanes({ key: 'lane', carry: { baggage: ['lane'] } });
    const over = laneDispatcher(poolAgent(undici), some);
    const calls = Array.from({ length: 20 }, async (_, index) => {
      const lane = some.capture({ baggage: `lane=v${index}` });
      const seen = await some.run(lane, () => withAddedBaggage(() => send(otel.echo.url, {}, over)));
      expect(headerLines(seen, 'baggage')).toEqual([`lane=v${index},added=yes`]);
      expect(headerLines(seen, 'traceparent')).toHaveLength(1);
    });
    await Promise.all(calls);
    await over.close();
  });

  testUnless(version === 'undici 6.0' && 'it cannot compose')('redirects, above and below', async () => {
    const follow = undici.interceptors.redirect({ maxRedirections: 3 });
    const agent = poolAgent(undici);
    for (const over of [
      agent.compose(follow, laneInterceptor(lanes)),
      agent.compose(laneInterceptor(lanes), follow),
    ]) {
      const opener = inLane('v9', () => send(at('127.0.0.1', '/slow?ms=5'), {}, over));
      const sendInV2 = (url: string): Promise<EchoedRequest> => inLane('v2', () => send(url, {}, over));
      expect(linesOf(await sendInV2(via('127.0.0.1', '/end')))).toEqual(inLaneLines('v2'));
      expect(linesOf(await sendInV2(via('127.0.0.1', at(EXTERNAL, '/end'))))).toEqual(traceOnly());
      await opener;
    }
    await agent.close();
  });
});
