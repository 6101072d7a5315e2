import { context, propagation } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
} from '@laneway/testing';
import type { Dispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laneDispatcher, laneInterceptor } from './index.js';
import { testUnless } from '@laneway/testing';
import { echoRequest, LANED, linesOf, NONE, poolAgent, undicis } from './undici.contract.js';

const provider = new NodeTracerProvider();
provider.register();
const instrumentation = new UndiciInstrumentation();
instrumentation.setTracerProvider(provider);
const lanes = contractLanes();
let echo: EchoServer;
beforeAll(async () => {
  echo = await echoServer();
});
afterAll(async () => {
  await echo.close();
  instrumentation.disable();
  await provider.shutdown();
});

const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);

describe.each(undicis)('%s', (version, undici) => {
  const dispatcher = laneDispatcher(poolAgent(undici), lanes);
  afterAll(() => dispatcher.close());
  const send = (url = echo.url, options = {}, over: Dispatcher = dispatcher): Promise<EchoedRequest> =>
    echoRequest(over, url, options);
  const stranger = (): string => `http://stranger.example:${echo.port}/`;

  test('the instrumentation is at work: by itself it writes the trace, and no lane member', async () => {
    const plain = poolAgent(undici);
    const seen = await inLane('v2', () => send(echo.url, {}, plain));
    expect(headerLines(seen, 'traceparent')).toHaveLength(1);
    expect(linesOf(seen)).toEqual(NONE);
    await plain.close();
  });

  test('one baggage header, byte for byte, in every shape of headers', async () => {
    const own = { 'x-own': '1' };
    const shapes = [undefined, own, Object.entries(own).flat()];
    if (version !== 'undici 6.0') shapes.push(new Headers(own) as never);
    for (const headers of shapes) {
      const seen = await inLane('v2', () => send(echo.url, { headers }));
      expect(linesOf(seen)).toEqual(LANED);
      expect(headerLines(seen, 'traceparent')).toHaveLength(1);
      expect(linesOf(await inLane('v2', () => send(stranger(), { headers })))).toEqual(NONE);
    }
  });

  test('the own baggage of the caller, and that of the API of OpenTelemetry', async () => {
    const seen = await inLane('v2', () => {
      const baggage = propagation.createBaggage({ added: { value: 'yes' } });
      return context.with(propagation.setBaggage(context.active(), baggage), () =>
        send(echo.url, { headers: ['baggage', 'own=1'] }),
      );
    });
    expect(linesOf(seen)[1]).toEqual([`own=1,${laneBaggage('v2').replace(' , ', ',')},added=yes`]);
  });

  test('what waits behind other lanes: laned, with a query, for strangers, at the baseline', async () => {
    const openers = ['v8', 'v9'].map((name) => inLane(name, () => send(`${echo.url}/slow?ms=5`)));
    const calls = Array.from({ length: 60 }, async (_, index) => {
      const name = `v${index % 50}`;
      const headers = [undefined, { 'x-own': '1' }, ['x-own', '1']][index % 3];
      const kind = index % 4;
      if (kind === 0) expect(linesOf(await send(echo.url, { headers }))).toEqual(NONE);
      else if (kind === 1) {
        expect(linesOf(await inLane(name, () => send(stranger(), { headers })))).toEqual(NONE);
      } else {
        const query = kind === 2 ? { a: 1 } : undefined;
        const seen = await inLane(name, () => send(echo.url, { headers, query }));
        expect(linesOf(seen)).toEqual([[name], [laneBaggage(name)]]);
      }
    });
    await Promise.all([...openers, ...calls]);
  });

  testUnless(version === 'undici 6.0' && 'it cannot compose')('redirects, above and below', async () => {
    const follow = undici.interceptors.redirect({ maxRedirections: 3 });
    const to = (url: string): string => `${echo.url}/redirect?to=${encodeURIComponent(url)}`;
    const agent = poolAgent(undici);
    for (const over of [
      agent.compose(follow, laneInterceptor(lanes)),
      agent.compose(laneInterceptor(lanes), follow),
    ]) {
      const opener = inLane('v9', () => send(`${echo.url}/slow?ms=5`, {}, over));
      expect(linesOf(await inLane('v2', () => send(to('/end'), {}, over)))).toEqual(LANED);
      expect(linesOf(await inLane('v2', () => send(to(stranger()), {}, over)))).toEqual(NONE);
      await opener;
    }
    await agent.close();
  });
});
