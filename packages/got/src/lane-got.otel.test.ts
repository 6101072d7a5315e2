import http from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import type { EchoedRequest } from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { addedBaggage, otelContract, withAddedBaggage } from '../../../test/support/otel-contract.js';
import { inLaneLines, linesOf, traceOnly, useOtel } from '../../../test/support/otel.js';
import { clients, connect } from './clients.contract.js';
import { laneGot } from './index.js';

const otel = useOtel(new HttpInstrumentation());
const { inLane, lanes, via } = otel;
const parse = ({ body }: { body: string }): EchoedRequest => JSON.parse(body) as EchoedRequest;

describe.each(clients)('$name', ({ got: original, name }) => {
  const unseen =
    name === 'got 12.0' ? 'it imports `request` by name, before the instrumentation patches it' : undefined;
  const traces = unseen === undefined ? 1 : 0;
  const { options, close } = connect();
  const got = laneGot(original, lanes).extend(options);
  afterAll(close);

  otelContract(otel, {
    send: async (url, headers) => parse(await got(url, headers && { headers })),
    sendPlain: async (url) => parse(await original(url, options)),
    unseen,
  });

  test('baggage set through OpenTelemetry is there in hooks', async () => {
    const seen: unknown[] = [];
    const hooks = { beforeRequest: [() => void seen.push(addedBaggage())] };
    await inLane('v2', () => withAddedBaggage(() => got(via('127.0.0.1', '/end'), { hooks })));
    expect(seen).toEqual(['yes', 'yes']);
  });

  test('a call that fails on a connection of another lane is retried in the lane of the call, or at the baseline', async () => {
    const open = (): Socket => inLane('opener', () => connectSocket(otel.echo.port, '127.0.0.1'));
    const agent = Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), {
      createConnection: open,
    });
    const retry = { limit: 1, calculateDelay: ({ attemptCount = 1 }) => (attemptCount > 1 ? 0 : 1) };
    let attempts = 0;
    const beforeRequest = (call: { url: URL }): void => {
      call.url.pathname = attempts++ % 2 === 0 ? '/drop' : '/end';
    };
    const call = (): Promise<{ body: string }> =>
      got(otel.echo.url, { agent: { http: agent }, retry, hooks: { beforeRequest: [beforeRequest] } });
    expect(linesOf(parse(await inLane('v2', call)))).toEqual(inLaneLines('v2', traces));
    expect(linesOf(parse(await call()))).toEqual(traceOnly(traces));
    expect(attempts).toBe(4);
    agent.destroy();
  });
});
