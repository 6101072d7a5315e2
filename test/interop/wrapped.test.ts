import { headerLines } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdks, type SdkInstall } from './sdk-install.js';
import { linesOf, type Scenario, type Service, startService, type Wiring } from './service.js';

const BAGGAGE = 'user=%41lice;p = 1 , lane=v2';
const LANE = { version: 'v2', baggage: BAGGAGE };
const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const clients = ['fetch', 'undici', 'node-fetch', 'http'];
const scenarios: readonly Scenario[] = [
  'sdk first',
  'laneway first',
  'disabled',
  'sampler off',
  'suppressed',
  'instrumentations off',
];
const wirings: readonly Wiring[] = ['plain', 'propagator', 'both'];
const rows = [
  ['none', 'plain'] as const,
  ...wirings.flatMap((wiring) => scenarios.map((scenario) => [scenario, wiring] as const)),
];

describe.each(sdks)(
  'promise 8, the same with OpenTelemetry or without: $name',
  ({ skip, install: installSdk }) => {
    describe.skipIf(skip !== undefined)(skip ?? 'wrapped clients', () => {
      let install: SdkInstall;
      beforeAll(async () => void (install = await installSdk()));
      afterAll(() => install.remove());

      describe.each(rows)('%s, %s', (scenario, wiring) => {
        let service: Service;
        beforeAll(
          async () => void (service = await startService({ install, scenario, wiring, clients: 'wrapped' })),
        );
        afterAll(() => service.stop());

        test('a plain server', async () => {
          expect(await (await fetch(service.plain, { headers: LANE })).text()).toBe('v2');
          expect(await (await fetch(service.plain)).text()).toBe('none');
        });

        test.each(clients)('%s', async (client) => {
          const answer = await service.ask({ client }, LANE);
          expect(linesOf(answer)).toEqual([[BAGGAGE], ['v2']]);
          const { size, laneAtEnd, visible, after } = answer;
          expect([size, laneAtEnd, visible, after]).toEqual([100_000, 'v2', 'v2', 'v2']);

          const none = await service.ask({ client });
          expect(linesOf(none)).toEqual([[], []]);
          expect([none.laneAtEnd, none.visible, none.after]).toEqual([undefined, undefined, undefined]);

          expect(linesOf(await service.ask({ client, to: service.external }, LANE))).toEqual([[], []]);

          const merged = await service.ask({ client, baggage: 'set=by hand' }, LANE);
          expect(linesOf(merged)[0]).toEqual(['user=%41lice;p = 1,lane=v2,set=by%20hand']);
          const alone = await service.ask({ client, baggage: 'set=by hand' });
          expect(linesOf(alone)[0]).toEqual(['set=by%20hand']);
        });

        test.each(clients)("%s: the trace headers are OpenTelemetry's", async (client) => {
          const { echoed } = await service.ask({ client }, { ...LANE, traceparent: PARENT });
          const traced = ['none', 'disabled', 'suppressed', 'instrumentations off'].includes(scenario)
            ? 0
            : 1;
          const flags = scenario === 'sampler off' ? '00' : '01';
          const expected = expect.stringMatching(new RegExp(`^00-a{32}-(?!b{16})[0-9a-f]{16}-${flags}$`));
          expect(headerLines(echoed, 'traceparent')).toEqual(Array.from({ length: traced }, () => expected));
        });

        test('no warning', async () => {
          await service.ask({ client: 'fetch' }, LANE);
          expect(await service.warnings()).toEqual([]);
        });

        test('50 lanes that wait for one connection', async () => {
          const calls = Array.from({ length: 50 }, async (_, index) => {
            const answer = await service.ask(
              { client: 'undici queue' },
              { version: `v${index}`, baggage: `lane=v${index}` },
            );
            expect(linesOf(answer)).toEqual([[`lane=v${index}`], [`v${index}`]]);
          });
          await Promise.all(calls);
        });
      });
    });
  },
);
