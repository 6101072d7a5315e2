import { headerLines } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdks, type SdkRoom } from './sdk-room.js';
import {
  type Answer,
  POLICY,
  type Scenario,
  type Service,
  type ServiceOptions,
  startService,
} from './service.js';

const BAGGAGE = 'user=%41lice;p = 1 , lane=v2';
const LANE = { version: 'v2', baggage: BAGGAGE };
const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const clients = ['fetch', 'undici', 'node-fetch', 'http', 'axios'];
const redirecting = clients.filter((client) => client !== 'http');
const scenarios: readonly Scenario[] = [
  'sdk first',
  'laneway first',
  'disabled',
  'sampler off',
  'suppressed',
  'instrumentations off',
];
const rows = scenarios.flatMap((scenario) =>
  (['lane first', 'lane last'] as const).map((order) => [scenario, order] as const),
);

const lines = ({ echoed }: Answer): [baggage: string[], version: string[]] => [
  headerLines(echoed, 'baggage'),
  headerLines(echoed, 'version'),
];

describe.each(sdks)('promise 8 for what nobody wrapped, LaneInstrumentation: $name', ({ skip, open }) => {
  describe.skipIf(skip !== undefined)(skip ?? 'with LanePropagator', () => {
    let room: SdkRoom;
    beforeAll(async () => void (room = await open()));
    afterAll(() => room.remove());

    describe.each(rows)('%s, %s', (scenario, order) => {
      let service: Service;
      const options = (): ServiceOptions => ({ room, scenario, order, wiring: 'both', clients: 'plain' });
      beforeAll(async () => void (service = await startService(options())));
      afterAll(() => service.stop());
      const stranger = (): string => `http://stranger.example:${service.echo.port}/`;
      const instrumented = !['disabled', 'instrumentations off'].includes(scenario);

      test.each(clients)('%s: one baggage header, byte for byte, merged, no stranger', async (client) => {
        const answer = await service.ask({ client }, LANE);
        expect(lines(answer)).toEqual([[BAGGAGE], ['v2']]);
        const { laneAtEnd, visible, after } = answer;
        expect([laneAtEnd, visible, after]).toEqual(['v2', 'v2', 'v2']);

        expect(lines(await service.ask({ client }))).toEqual([[], []]);
        expect(lines(await service.ask({ client, to: stranger() }, LANE))).toEqual([[], []]);

        const own = await service.ask({ client, header: 'lane=own' }, LANE);
        expect(lines(own)).toEqual([['lane=own,user=%41lice;p = 1'], ['v2']]);
        const merged = await service.ask({ client, baggage: 'set=by hand' }, LANE);
        expect(lines(merged)[0]).toEqual(['user=%41lice;p = 1,lane=v2,set=by%20hand']);
        const alone = await service.ask({ client, baggage: 'set=by hand' });
        expect(lines(alone)[0]).toEqual(['set=by%20hand']);
      });

      test.each(redirecting)('%s: a redirect to a stranger', async (client) => {
        const to = `${service.echo.url}/redirect?to=${encodeURIComponent(stranger())}`;
        expect(lines(await service.ask({ client, to }, LANE))).toEqual([[], []]);
      });

      test.each(clients)('%s: one trace header, that of OpenTelemetry', async (client) => {
        const { echoed } = await service.ask({ client }, { ...LANE, traceparent: PARENT });
        const flags = scenario === 'sampler off' ? '00' : '01';
        const expected = expect.stringMatching(new RegExp(`^00-a{32}-(?!b{16})[0-9a-f]{16}-${flags}$`));
        const traced = instrumented && scenario !== 'suppressed';
        expect(headerLines(echoed, 'traceparent')).toEqual(traced ? [expected] : []);
      });

      test.each(clients)('%s: the lane on the spans', async (client) => {
        const { spans } = await service.ask({ client }, LANE);
        const recorded = instrumented && scenario !== 'sampler off';
        const calls = recorded && scenario !== 'suppressed' ? ['v2'] : [];
        const server = recorded ? 'v2' : undefined;
        expect(spans).toEqual({ server, active: server, calls, baggage: calls });
        expect((await service.ask({ client })).spans.server).toBeUndefined();
      });

      test('50 lanes that wait for one connection: each call has its own', async () => {
        const calls = Array.from({ length: 50 }, async (_, index) => {
          const to = `${service.echo.url}/slow?ms=2`;
          const headers = { version: `v${index}`, baggage: `lane=v${index}` };
          expect(lines(await service.ask({ client: 'queue', to }, headers))).toEqual([
            [`lane=v${index}`],
            [`v${index}`],
          ]);
        });
        await Promise.all(calls);
      });

      test('no warning', async () => expect(await service.warnings()).toEqual([]));
    });

    test.each(['lane first', 'lane last'] as const)(
      'a policy that carries some baggage, %s',
      async (order) => {
        const policy = { ...POLICY, carry: { headers: ['version'], baggage: ['lane'] } };
        const options = {
          room,
          order,
          policy,
          scenario: 'sdk first',
          wiring: 'both',
          clients: 'plain',
        } as const;
        const service = await startService(options);
        try {
          const stranger = `http://stranger.example:${service.echo.port}/`;
          for (const client of clients) {
            const [baggage, version] = lines(
              await service.ask({ client }, { version: 'v2', baggage: 'user=1,lane=v2' }),
            );
            expect(baggage.map((line) => line.split(',').toSorted())).toEqual([['lane=v2', 'user=1']]);
            expect(version).toEqual(['v2']);
            const told = lines(await service.ask({ client, to: stranger }, LANE));
            expect(JSON.stringify(told)).not.toContain('v2');
          }
        } finally {
          await service.stop();
        }
      },
    );

    test.each([
      ['127.0.0.0/8', 'v2'],
      ['10.0.0.0/8', undefined],
    ])('a policy that asks who sent it, %s: the adapter decides', async (trusted, name) => {
      const policy = { ...POLICY, trust: [trusted] };
      const options = { room, policy, scenario: 'sdk first', wiring: 'both', clients: 'plain' } as const;
      const service = await startService(options);
      try {
        const { spans, after, visible } = await service.ask({ client: 'http' }, LANE);
        expect([spans.server, spans.active, spans.calls[0] ?? undefined, after, visible]).toEqual(
          Array.from({ length: 5 }, () => name),
        );
      } finally {
        await service.stop();
      }
    });
  });
});
