import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import type { EchoedRequest } from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { addedBaggage, otelContract, withAddedBaggage } from '../../../test/support/otel-contract.js';
import { useOtel } from '../../../test/support/otel.js';
import { type AnyRequest, clients, connect } from './clients.contract.js';
import { laneSuperagent } from './index.js';

const otel = useOtel(new HttpInstrumentation());
const { inLane, lanes, via } = otel;

describe.each(clients)('$name', ({ superagent }) => {
  const request = laneSuperagent(superagent, lanes);
  const agent = connect();
  afterAll(() => agent.destroy());
  const get = (url: string): AnyRequest => request.get(url).agent(agent);

  otelContract(otel, {
    send: async (url, headers = {}) => (await get(url).set(headers)).body as EchoedRequest,
    sendPlain: async (url) => (await superagent.get(url).agent(agent)).body as EchoedRequest,
  });

  test('baggage set through OpenTelemetry is there in listeners', async () => {
    const seen: unknown[] = [];
    const note = (pending: AnyRequest): void => {
      for (const event of ['redirect', 'response', 'end']) pending.on(event, () => seen.push(addedBaggage()));
    };
    await inLane('v2', () => withAddedBaggage(() => get(via('127.0.0.1', '/end')).use(note)));
    expect(seen).toEqual(['yes', 'yes', 'yes']);
  });
});
