import { headerLines } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdks, type SdkRoom } from './sdk-room.js';
import { type Answer, type Scenario, type Service, startService, type Wiring } from './service.js';

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

const lines = ({ echoed }: Answer): [baggage: string[], version: string[]] => [
  headerLines(echoed, 'baggage'),
  headerLines(echoed, 'version'),
];

describe.each(sdks)('promise 8: the same with OpenTelemetry or without: $name', ({ skip, open }) => {
  describe.skipIf(skip !== undefined)(skip ?? 'wrapped clients', () => {
    let room: SdkRoom;
    beforeAll(async () => void (room = await open()));
    afterAll(() => room.remove());

    describe.each(rows)('%s, %s', (scenario, wiring) => {
      let service: Service;
      beforeAll(
        async () => void (service = await startService({ room, scenario, wiring, clients: 'wrapped' })),
      );
      afterAll(() => service.stop());

      test('a plain server', async () => {
        expect(await (await fetch(service.plain, { headers: LANE })).text()).toBe('v2');
        expect(await (await fetch(service.plain)).text()).toBe('none');
      });

      test.each(clients)('%s', async (client) => {
        const answer = await service.ask({ client }, LANE);
        expect(lines(answer)).toEqual([[BAGGAGE], ['v2']]);
        const { size, laneAtEnd, visible, after } = answer;
        expect([size, laneAtEnd, visible, after]).toEqual([100_000, 'v2', 'v2', 'v2']);

        const none = await service.ask({ client });
        expect(lines(none)).toEqual([[], []]);
        expect([none.laneAtEnd, none.visible, none.after]).toEqual([undefined, undefined, undefined]);

        const stranger = `http://stranger.example:${service.echo.port}/`;
        expect(lines(await service.ask({ client, to: stranger }, LANE))).toEqual([[], []]);

        const merged = await service.ask({ client, baggage: 'set=by hand' }, LANE);
        expect(lines(merged)[0]).toEqual(['user=%41lice;p = 1,lane=v2,set=by%20hand']);
        const alone = await service.ask({ client, baggage: 'set=by hand' });
        expect(lines(alone)[0]).toEqual(['set=by%20hand']);
      });

      test.each(clients)('%s: trace headers are what OpenTelemetry makes of them', async (client) => {
        const { echoed } = await service.ask({ client }, { ...LANE, traceparent: PARENT });
        const traced = ['none', 'disabled', 'suppressed', 'instrumentations off'].includes(scenario) ? 0 : 1;
        const flags = scenario === 'sampler off' ? '00' : '01';
        const expected = expect.stringMatching(new RegExp(`^00-a{32}-(?!b{16})[0-9a-f]{16}-${flags}$`));
        expect(headerLines(echoed, 'traceparent')).toEqual(Array.from({ length: traced }, () => expected));
      });

      test('a propagator that writes lanes by itself is warned of, once, and no other one is', async () => {
        await service.ask({ client: 'fetch' }, LANE);
        const warned = wiring === 'plain' && !['none', 'disabled'].includes(scenario);
        const codes = (await service.warnings()).map(({ code }) => code);
        expect(codes).toEqual(warned ? ['LANEWAY_OTEL_PROPAGATOR'] : []);
      });

      test('50 lanes that wait for one connection', async () => {
        const calls = Array.from({ length: 50 }, async (_, index) => {
          const answer = await service.ask(
            { client: 'queue' },
            { version: `v${index}`, baggage: `lane=v${index}` },
          );
          expect(lines(answer)).toEqual([[`lane=v${index}`], [`v${index}`]]);
        });
        await Promise.all(calls);
      });
    });
  });
});
