import { headerLines } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdks, type SdkInstall } from './sdk-install.js';
import {
  linesOf,
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

describe.each(sdks)(
  'promise 8 for plain clients with LaneInstrumentation: $name',
  ({ skip, install: installSdk }) => {
    describe.skipIf(skip !== undefined)(skip ?? 'with LanePropagator', () => {
      let install: SdkInstall;
      beforeAll(async () => void (install = await installSdk()));
      afterAll(() => install.remove());

      describe.each(rows)('%s, %s', (scenario, order) => {
        let service: Service;
        const options = (): ServiceOptions => ({
          install,
          scenario,
          order,
          wiring: 'both',
          clients: 'plain',
        });
        beforeAll(async () => void (service = await startService(options())));
        afterAll(() => service.stop());
        const instrumented = !['disabled', 'instrumentations off'].includes(scenario);

        test.each(clients)(
          '%s: one baggage header, byte for byte, merged; none for external hosts',
          async (client) => {
            const answer = await service.ask({ client }, LANE);
            expect(linesOf(answer)).toEqual([[BAGGAGE], ['v2']]);
            const { laneAtEnd, visible, after } = answer;
            expect([laneAtEnd, visible, after]).toEqual(['v2', 'v2', 'v2']);

            expect(linesOf(await service.ask({ client }))).toEqual([[], []]);
            expect(linesOf(await service.ask({ client, to: service.external }, LANE))).toEqual([[], []]);

            const caller = await service.ask({ client, header: 'lane=own' }, LANE);
            expect(linesOf(caller)).toEqual([['lane=own,user=%41lice;p = 1'], ['v2']]);
            const merged = await service.ask({ client, baggage: 'set=by hand' }, LANE);
            expect(linesOf(merged)[0]).toEqual(['user=%41lice;p = 1,lane=v2,set=by%20hand']);
            const alone = await service.ask({ client, baggage: 'set=by hand' });
            expect(linesOf(alone)[0]).toEqual(['set=by%20hand']);
          },
        );

        test.each(redirecting)('%s: a redirect to an external host', async (client) => {
          const to = `${service.echo.url}/redirect?to=${encodeURIComponent(service.external)}`;
          expect(linesOf(await service.ask({ client, to }, LANE))).toEqual([[], []]);
        });

        test.each(clients)("%s: one trace header, OpenTelemetry's", async (client) => {
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

        test('50 lanes that wait for one connection: each call carries its own lane', async () => {
          const calls = Array.from({ length: 50 }, async (_, index) => {
            const to = `${service.echo.url}/slow?ms=2`;
            const headers = { version: `v${index}`, baggage: `lane=v${index}` };
            expect(linesOf(await service.ask({ client: 'undici queue', to }, headers))).toEqual([
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
            install,
            order,
            policy,
            scenario: 'sdk first',
            wiring: 'both',
            clients: 'plain',
          } as const;
          const service = await startService(options);
          try {
            for (const client of clients) {
              const [baggage, version] = linesOf(
                await service.ask({ client }, { version: 'v2', baggage: 'user=1,lane=v2' }),
              );
              expect(baggage.map((line) => line.split(',').toSorted())).toEqual([['lane=v2', 'user=1']]);
              expect(version).toEqual(['v2']);
              const external = linesOf(await service.ask({ client, to: service.external }, LANE));
              expect(JSON.stringify(external)).not.toContain('v2');
            }
          } finally {
            await service.stop();
          }
        },
      );

      test('without LanePropagator: the lane on the spans, and BaggageSpanProcessor sees it', async () => {
        const wiring = 'instrumentation';
        const service = await startService({ install, wiring, scenario: 'sdk first', clients: 'plain' });
        try {
          const { spans } = await service.ask({ client: 'http' }, LANE);
          expect(spans).toEqual({ server: 'v2', active: 'v2', calls: ['v2'], baggage: ['v2'] });
        } finally {
          await service.stop();
        }
      });

      test.each([
        ['127.0.0.0/8', 'v2'],
        ['10.0.0.0/8', undefined],
      ])('trust that depends on the sender, %s: the adapter decides', async (trusted, name) => {
        const policy = { ...POLICY, trust: [trusted] };
        const options = { install, policy, scenario: 'sdk first', wiring: 'both', clients: 'plain' } as const;
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
  },
);
