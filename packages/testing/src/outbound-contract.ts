import { context, propagation } from '@opentelemetry/api';
import type { Lanes } from '@laneway/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contractLanes, laneBaggage, laneHeaders, takeTurns } from './contract-policy.js';
import { collectDrops } from './drops.js';
import { type EchoedRequest, type EchoServer, echoServer, headerLines } from './echo-server.js';

/** Makes one call. It must resolve names with `loopbackLookup`. */
export type Call = (
  url: string,
  headers?: Record<string, string>,
) => Promise<{ status: number; body: string }>;

/** An outbound adapter and a function that opens its client. */
export interface OutboundSubject {
  readonly name: string;
  /** Opens a client whose calls share one connection per origin, if the client has such an option. */
  connect(lanes: Lanes): Promise<{ call: Call; close(): Promise<void> }>;
  /** Whether the client can use only one connection. @default true */
  readonly pooled?: boolean;
  /** Starts the server that the client calls. @default echoServer, which speaks HTTP/1 */
  readonly echo?: () => Promise<EchoServer>;
}

const EXTERNAL = 'external.example';

/**
 * Defines the contract tests that every outbound adapter passes, with its real client and a real server.
 *
 * @example
 * outboundContract({ name: 'node fetch', connect: async (lanes) => ({ call, close }) });
 */
export function outboundContract(subject: OutboundSubject): void {
  describe(`outbound contract: ${subject.name}`, () => {
    const lanes = contractLanes();
    let echo: EchoServer;
    let client: Awaited<ReturnType<OutboundSubject['connect']>>;
    beforeAll(async () => {
      echo = await (subject.echo ?? echoServer)();
      client = await subject.connect(lanes);
    });
    afterAll(async () => {
      await client.close();
      await echo.close();
    });

    const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);
    const send = async (headers?: Record<string, string>, host = '127.0.0.1'): Promise<EchoedRequest> => {
      const { body } = await client.call(`http://${host}:${echo.port}/`, headers);
      return JSON.parse(body) as EchoedRequest;
    };
    const names = (request: EchoedRequest): string[] =>
      request.headers
        .map(([name]) => name)
        .filter((name) => ['version', 'baggage', 'appver-a'].includes(name));

    test('propagates: headers and baggage are sent byte for byte', async () => {
      const seen = await inLane('v2', () => send());
      expect(headerLines(seen, 'version')).toEqual(['v2']);
      expect(headerLines(seen, 'appver-a')).toEqual(['v2']);
      expect(headerLines(seen, 'baggage')).toEqual([laneBaggage('v2')]);
    });

    test('absent: nothing is attached at the baseline', async () => {
      expect(names(await send())).toEqual([]);
      expect(names(await inLane('v2', () => lanes.baseline(() => send())))).toEqual([]);
    });

    test("caller's header wins, in any case; baggage is merged per key into one header", async () => {
      const seen = await inLane('v2', () => send({ Version: 'mine', Baggage: 'userId=bob,own=1' }));
      expect(headerLines(seen, 'version')).toEqual(['mine']);
      const [baggage, ...more] = headerLines(seen, 'baggage');
      expect(more).toEqual([]);
      expect(baggage).toBe('userId=bob,own=1,2=two,Lane=v2;p1 = x;flag,1=one,empty=');
    });

    test("not mutated: the caller's headers stay unchanged", async () => {
      const headers = Object.freeze({ accept: 'text/plain' });
      expect(headerLines(await inLane('v2', () => send(headers)), 'version')).toEqual(['v2']);
      expect(headers).toEqual({ accept: 'text/plain' });
    });

    test('egress: nothing is sent to an external host, and the drop is reported', async () => {
      const drops = await collectDrops(async () => {
        expect(names(await inLane('v2', () => send({}, EXTERNAL)))).toEqual([]);
      });
      expect(drops).toEqual([{ reason: 'egress', direction: 'attach', host: EXTERNAL }]);
      expect(headerLines(await inLane('v2', () => send({}, 'other.internal')), 'version')).toEqual(['v2']);
    });

    test("error path: the error is the client's error, and the handler runs in the lane", async () => {
      const plain = await client.call(`${echo.url}/drop`).catch((error: unknown) => error);
      const [error, lane] = await inLane('v2', async () => {
        const caught = await client.call(`${echo.url}/drop`).catch((reason: unknown) => reason);
        return [caught, lanes.current().name];
      });
      expect(error).toBeInstanceOf(Error);
      expect((error as Error).constructor).toBe((plain as Error).constructor);
      expect((error as Error).message).toBe((plain as Error).message);
      expect(lane).toBe('v2');
    });

    test('nested: a call carries the innermost lane; after it the outer lane is current', async () => {
      const [inner, outer] = await inLane('v2', async () => {
        const first = await inLane('v3', () => send());
        return [first, await send()];
      });
      expect([headerLines(inner, 'version'), headerLines(outer, 'version')]).toEqual([['v3'], ['v2']]);
    });

    test('promotes a baggage member into its header', async () => {
      const seen = await lanes.run(lanes.capture({ baggage: 'x-mse-tag=gray%2Dx' }), () => send());
      expect(headerLines(seen, 'x-mse-tag')).toEqual(['gray-x']);
      expect(headerLines(seen, 'baggage')).toEqual(['x-mse-tag=gray%2Dx']);
    });

    test("OpenTelemetry's baggage is sent too, merged into one header", async () => {
      const seen = await inLane('v2', () => {
        const baggage = propagation.createBaggage({ otel: { value: 'set by hand' } });
        return context.with(propagation.setBaggage(context.active(), baggage), () => send());
      });
      expect(headerLines(seen, 'version')).toEqual(['v2']);
      expect(headerLines(seen, 'baggage')).toEqual([
        '2=two,Lane=v2;p1 = x;flag,userId=%41lice%20%C3%BC,1=one,empty=,otel=set%20by%20hand',
      ]);
    });

    test('50 interleaved lanes over one pooled connection: no call in a wrong lane', async () => {
      const connections = new Set<number>();
      const calls = Array.from({ length: 200 }, async (_, index) => {
        const lane = index % 4 === 3 ? undefined : `v${index % 50}`;
        const call = async (): Promise<EchoedRequest> => {
          await takeTurns(index);
          const seen = await send({ 'x-call': String(index) });
          expect(lanes.current().name).toBe(lane);
          return seen;
        };
        const seen = await (lane === undefined ? call() : inLane(lane, call));
        connections.add(seen.connection);
        const expected = lane === undefined ? [[], []] : [[lane], [laneBaggage(lane)]];
        expect([headerLines(seen, 'version'), headerLines(seen, 'baggage')]).toEqual(expected);
        expect(headerLines(seen, 'x-call')).toEqual([String(index)]);
      });
      await Promise.all(calls);
      if (subject.pooled !== false) expect(connections.size).toBe(1);
    });
  });
}
