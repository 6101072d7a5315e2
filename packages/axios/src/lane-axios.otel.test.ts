import http from 'node:http';
import { connect as connectSocket, type Socket } from 'node:net';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import type { EchoedRequest } from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { addedBaggage, otelContract, withAddedBaggage } from '../../../test/support/otel-contract.js';
import { inLaneLines, type Lines, linesOf, traceOnly, useOtel } from '../../../test/support/otel.js';
import { type AnyConfig, clients, connect } from './clients.contract.js';
import { laneAxios } from './index.js';

const otel = useOtel(new HttpInstrumentation());
const { at, inLane, lanes, via } = otel;
const V2 = inLaneLines('v2');

describe.each(clients)('$name', ({ axios: original }) => {
  const { config, close } = connect();
  const axios = laneAxios(original.create(config), lanes);
  afterAll(close);
  const send = async (url: string, more?: AnyConfig): Promise<EchoedRequest> =>
    (await axios.get(url, more)).data as EchoedRequest;
  const sendInV2 = async (url: string, more?: AnyConfig): Promise<Lines> =>
    linesOf(await inLane('v2', () => send(url, more)));

  otelContract(otel, {
    send: (url, headers) => send(url, headers && { headers }),
    sendPlain: async (url) => (await original.create(config).get(url)).data as EchoedRequest,
  });

  test('calls that follow no redirect', async () => {
    const more = { maxRedirects: 0, validateStatus: () => true };
    expect(await sendInV2(at('127.0.0.1', '/'), more)).toEqual(V2);
    expect(await sendInV2(at('external.example', '/'), more)).toEqual(traceOnly());
    expect(linesOf(await send(at('127.0.0.1', '/'), more))).toEqual(traceOnly());
  });

  test('baggage set through OpenTelemetry is there in callbacks of the call', async () => {
    const seen: unknown[] = [];
    const validateStatus = (): number => seen.push(addedBaggage());
    await inLane('v2', () => withAddedBaggage(() => send(via('127.0.0.1', '/end'), { validateStatus })));
    expect(seen).toEqual(['yes']);
  });

  test('a redirect over a connection that another lane opened', async () => {
    const open = (): Socket => inLane('opener', () => connectSocket(otel.echo.port, '127.0.0.1'));
    const agent = Object.assign(new http.Agent({ keepAlive: true, maxSockets: 1 }), {
      createConnection: open,
    });
    const more = { httpAgent: agent };
    expect(await sendInV2(via('127.0.0.1', '/end'), more)).toEqual(V2);
    expect(linesOf(await send(via('127.0.0.1', '/end'), more))).toEqual(traceOnly());
    agent.destroy();
  });
});
