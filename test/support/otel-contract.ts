import { context, propagation } from '@opentelemetry/api';
import { type EchoedRequest, takeTurns, testUnless } from '@laneway/testing';
import { expect, test } from 'vitest';
import { inLaneLines, type Lines, linesOf, type Otel, traceOnly } from './otel.js';

/** A client with one connection per origin that follows redirects and resolves every name to loopback. */
export interface OtelClient {
  /** Makes a call with the wrapped client. */
  send(url: string, headers?: Record<string, string>): Promise<EchoedRequest>;
  /** Makes a call with the original client. */
  sendPlain(url: string): Promise<EchoedRequest>;
  /** Why the instrumentation does not see the calls. */
  readonly unseen?: string | undefined;
}

const EXTERNAL = 'external.example';

/** The tests that every outbound adapter passes with OpenTelemetry. */
export function otelContract({ inLane, at, via }: Otel, { send, sendPlain, unseen }: OtelClient): void {
  const traces = unseen === undefined ? 1 : 0;
  const V2 = inLaneLines('v2', traces);
  const TRACE_ONLY = traceOnly(traces);
  const sendInV2 = async (url: string, headers?: Record<string, string>): Promise<Lines> =>
    linesOf(await inLane('v2', () => send(url, headers)));

  testUnless(unseen)(
    'the instrumentation works: without Laneway it injects the trace and no lane member',
    async () => {
      expect(linesOf(await inLane('v2', () => sendPlain(at('127.0.0.1', '/'))))).toEqual(TRACE_ONLY);
    },
  );

  test('one baggage header, byte for byte, on each hop; external hosts get the trace only', async () => {
    const end = at(EXTERNAL, '/end');
    expect(await sendInV2(at('127.0.0.1', '/'))).toEqual(V2);
    expect(await sendInV2(via('127.0.0.1', '/end'))).toEqual(V2);
    expect(await sendInV2(end)).toEqual(TRACE_ONLY);
    expect(await sendInV2(via('127.0.0.1', end))).toEqual(TRACE_ONLY);
    expect(await sendInV2(via(EXTERNAL, at('127.0.0.1', '/')))).toEqual(V2);
    expect(linesOf(await send(at('127.0.0.1', '/')))).toEqual(TRACE_ONLY);
    expect(linesOf(await send(via('127.0.0.1', '/end')))).toEqual(TRACE_ONLY);
  });

  test("the caller's baggage header is merged, and a redirect treats it as the client does", async () => {
    const headers = { Baggage: 'Lane=own' };
    const merged = ['Lane=own,2=two,userId=%41lice%20%C3%BC,1=one,empty='];
    for (const url of [at('127.0.0.1', '/'), via('127.0.0.1', '/end')])
      expect((await sendInV2(url, headers))[1]).toEqual(merged);
    const away = via('127.0.0.1', at(EXTERNAL, '/end'));
    expect(await sendInV2(away, headers)).toEqual([[], ['Lane=own'], traces]);
  });

  test('baggage set through OpenTelemetry is sent, and the calling code still sees it', async () => {
    const [, baggage] = await inLane('v2', () =>
      withAddedBaggage(async () => {
        const seen = await send(via('127.0.0.1', '/end'));
        expect(addedBaggage()).toBe('yes');
        return linesOf(seen);
      }),
    );
    expect(baggage.join('|')).toMatch(/^2=two,[^|]*,added=yes$/);
  });

  test('50 lanes, external hosts and redirects over one connection each: one baggage header, of the right lane', async () => {
    const calls = Array.from({ length: 100 }, async (_, index) => {
      const lane = `v${index % 50}`;
      const isExternal = index % 4 === 3;
      const end = at(isExternal ? EXTERNAL : '127.0.0.1', '/end');
      const seen = await inLane(lane, async () => {
        await takeTurns(index);
        return send(index % 2 === 0 ? end : via('127.0.0.1', end));
      });
      expect(linesOf(seen)).toEqual(isExternal ? TRACE_ONLY : inLaneLines(lane, traces));
    });
    await Promise.all(calls);
  });
}

/** Runs `fn` with the baggage member `added=yes`, set through OpenTelemetry's API. */
export function withAddedBaggage<T>(fn: () => T): T {
  const baggage = propagation.getActiveBaggage() ?? propagation.createBaggage();
  const added = baggage.setEntry('added', { value: 'yes' });
  return context.with(propagation.setBaggage(context.active(), added), fn);
}

/** Returns the value of the member `added` in the current context. */
export const addedBaggage = (): string | undefined =>
  propagation.getActiveBaggage()?.getEntry('added')?.value;
