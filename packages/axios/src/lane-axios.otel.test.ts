import http from 'node:http';
import { createRequire } from 'node:module';
import { connect as connectSocket, type Socket } from 'node:net';
import { context, propagation } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  close,
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
  listen,
  takeTurns,
} from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnyConfig, type AnyResponse, clients, connect } from './clients.contract.js';
import { laneAxios } from './index.js';

const lanes = contractLanes();
const provider = new NodeTracerProvider();
const instrumentation = new HttpInstrumentation();
let echo: EchoServer;
let port: number;
const server = http.createServer((request, response) => {
  const [, what, to = ''] = request.url?.split('/') ?? [];
  if (what === 'to') response.writeHead(302, { location: decodeURIComponent(to) }).end();
  else echo.server.emit('request', request, response);
});
beforeAll(async () => {
  const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
  provider.register({ propagator: new CompositePropagator({ propagators }) });
  instrumentation.setTracerProvider(provider);
  createRequire(import.meta.url)('node:http');
  echo = await echoServer();
  port = await listen(server);
});
afterAll(async () => {
  await close(server);
  await echo.close();
  instrumentation.disable();
  await provider.shutdown();
});

const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);
const linesOf = ({ data }: AnyResponse): [lane: string[], baggage: string[], traces: number] => {
  const seen = data as EchoedRequest;
  return [
    headerLines(seen, 'version'),
    headerLines(seen, 'baggage'),
    headerLines(seen, 'traceparent').length,
  ];
};
const at = (host: string, path: string): string => `http://${host}:${port}${path}`;
const via = (host: string, to: string): string => at(host, `/to/${encodeURIComponent(to)}`);
const V2 = [['v2'], [laneBaggage('v2')], 1];
const TRACE_ONLY = [[], [], 1];

describe.each(clients)('$name', ({ axios: original }) => {
  const { config, close: closePool } = connect();
  const axios = laneAxios(original.create(config), lanes);
  afterAll(closePool);
  const send = (url: string, more?: AnyConfig): Promise<AnyResponse> =>
    inLane('v2', () => axios.get(url, more));

  test('the instrumentation is at work: by itself it writes the trace, and no lane member', async () => {
    const [, baggage, traces] = linesOf(await inLane('v2', () => original.create(config).get(echo.url)));
    expect([traces, baggage]).toEqual([1, []]);
  });

  test.each([[{}], [{ maxRedirects: 0, validateStatus: () => true }]])(
    'one baggage header, byte for byte; a stranger gets the trace and nothing else: %o',
    async (more) => {
      expect(linesOf(await send(at('127.0.0.1', '/'), more))).toEqual(V2);
      expect(linesOf(await send(at('stranger.example', '/'), more))).toEqual(TRACE_ONLY);
      expect(linesOf(await axios.get(at('127.0.0.1', '/'), more))).toEqual(TRACE_ONLY);
    },
  );

  test('each hop by itself', async () => {
    const stranger = at('stranger.example', '/end');
    expect(linesOf(await send(via('127.0.0.1', '/end')))).toEqual(V2);
    expect(linesOf(await send(via('127.0.0.1', stranger)))).toEqual(TRACE_ONLY);
    expect(linesOf(await send(via('stranger.example', at('127.0.0.1', '/'))))).toEqual(V2);
  });

  test("the caller's own baggage is merged, not overwritten, and goes where axios takes it", async () => {
    const headers = { Baggage: 'Lane=own' };
    const merged = ['Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty='];
    for (const url of [echo.url, via('127.0.0.1', '/end')])
      expect(linesOf(await send(url, { headers }))[1]).toEqual(merged);
    const away = via('127.0.0.1', at('stranger.example', '/end'));
    expect(linesOf(await send(away, { headers }))).toEqual([[], ['Lane=own'], 1]);
  });

  test('what is set by the API of OpenTelemetry leaves, and is there for the code that called', async () => {
    const seen: unknown[] = [];
    const response = await inLane('v2', () => {
      const baggage = propagation.getActiveBaggage()?.setEntry('added', { value: 'yes' });
      return context.with(propagation.setBaggage(context.active(), baggage!), () =>
        axios.get(via('127.0.0.1', '/end'), {
          validateStatus: () => seen.push(propagation.getActiveBaggage()?.getEntry('added')?.value),
        }),
      );
    });
    expect(linesOf(response)[1]?.join('|')).toMatch(/^2=two,[^|]*,added=yes$/);
    expect(seen).toEqual(['yes']);
  });

  test('a redirect over a connection of another lane', async () => {
    const open = (): Socket => inLane('opener', () => connectSocket(port, '127.0.0.1'));
    const agent = Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), {
      createConnection: open,
    });
    const more = { httpAgent: agent };
    expect(linesOf(await send(via('127.0.0.1', '/end'), more))).toEqual(V2);
    expect(linesOf(await axios.get(via('127.0.0.1', '/end'), more))).toEqual(TRACE_ONLY);
    agent.destroy();
  });

  test('50 lanes, strangers and redirects over one connection each: one baggage header, its own', async () => {
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const lane = `v${index % 50}`;
      const foreign = index % 4 === 3;
      const end = at(foreign ? 'stranger.example' : '127.0.0.1', '/end');
      const response = await inLane(lane, async () => {
        await takeTurns(index);
        return axios.get(index % 2 === 0 ? end : via('127.0.0.1', end));
      });
      expect(linesOf(response)).toEqual(foreign ? TRACE_ONLY : [[lane], [laneBaggage(lane)], 1]);
    });
    await Promise.all(calls);
  });
});
