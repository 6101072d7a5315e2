import type { LanePolicy } from '@laneway/core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sdks, type SdkInstall } from './sdk-install.js';
import { linesOf, POLICY, type Service, type ServiceOptions, startService, tracesOf } from './service.js';

// A NodeSDK without a part of @laneway/opentelemetry: its propagator writes the trace, and no lane.

const LANE = { version: 'v2', baggage: 'user=%41lice;p = 1 , lane=v2' };
const SOME_BAGGAGE: LanePolicy = { ...POLICY, carry: { headers: ['version'], baggage: ['lane'] } };
const NO_LANE = [[], []];
const clients = ['fetch', 'undici', 'node-fetch', 'http', 'axios'];

describe.each(sdks)('a plain NodeSDK: $name', ({ skip, install: installSdk }) => {
  describe.skipIf(skip !== undefined)(skip ?? 'installed', () => {
    let install: SdkInstall;
    let service: Service | undefined;
    beforeAll(async () => void (install = await installSdk()));
    afterEach(async () => {
      await service?.stop();
      service = undefined;
    });
    afterAll(() => install.remove());
    const start = async (options: Partial<ServiceOptions> = {}): Promise<Service> => {
      const defaults = { install, scenario: 'sdk first', wiring: 'plain', clients: 'plain' } as const;
      return (service = await startService({ ...defaults, ...options }));
    };
    const expectTraceOnly = async (asked: Service, client: string, to = asked.echo.url): Promise<void> => {
      const answer = await asked.ask({ client, to }, LANE);
      expect([linesOf(answer), tracesOf(answer)], `${client} to ${to}`).toEqual([NO_LANE, 1]);
      expect([answer.after, answer.visible]).toEqual(['v2', 'v2']);
    };

    describe('calls that Laneway does not make carry the trace and no lane', () => {
      test.each(['sdk first', 'laneway first'] as const)('%s', async (scenario) => {
        const asked = await start({ scenario });
        const redirect = `${asked.echo.url}/redirect?to=${encodeURIComponent(asked.external)}`;
        for (const client of clients) {
          await expectTraceOnly(asked, client);
          await expectTraceOnly(asked, client, asked.external);
          await expectTraceOnly(asked, client, client === 'http' ? undefined : redirect);
        }
      });

      test('the SDK starts after the first lane', async () => {
        const asked = await start({ scenario: 'on demand' });
        const early = await asked.ask({ client: 'http' }, LANE);
        expect([linesOf(early), tracesOf(early), early.after]).toEqual([NO_LANE, 0, 'v2']);
        await asked.startSdk();
        // A call of `http` requires the module again, which is when the instrumentation patches it.
        for (const client of ['http', ...clients]) await expectTraceOnly(asked, client);
      });

      test('the propagator is replaced while the service runs', async () => {
        const asked = await start();
        await expectTraceOnly(asked, 'http');
        await asked.replacePropagator();
        for (const client of clients) await expectTraceOnly(asked, client);
      });

      test('other baggage is sent, and a Baggage header of the caller stays', async () => {
        const asked = await start({ policy: SOME_BAGGAGE });
        for (const client of clients) {
          const other = await asked.ask({ client }, { version: 'v2', baggage: 'user=1,lane=v2' });
          expect(linesOf(other), client).toEqual([['user=1'], []]);
        }
        const kept = await asked.ask({ client: 'http', header: 'own=1' }, LANE);
        expect(linesOf(kept)).toEqual([['own=1'], []]);
      });
    });

    describe('200 lanes that wait for one connection: one baggage header, the right lane, one trace', () => {
      const askAll = async (asked: Service, client: string): Promise<object> => {
        const counts = { doubled: 0, wrong: 0, traced: 0 };
        const calls = Array.from({ length: 200 }, async (_, index) => {
          const baggage = `lane=v${index}`;
          const answer = await asked.ask({ client }, { version: `v${index}`, baggage });
          const [lines] = linesOf(answer);
          if (lines.length > 1) counts.doubled++;
          if (lines.some((line) => line !== baggage)) counts.wrong++;
          if (tracesOf(answer) === 1) counts.traced++;
        });
        await Promise.all(calls);
        return counts;
      };

      test.each([
        ['undici queue', 'wrapped', {}],
        ['http queue', 'wrapped', {}],
        ['undici queue', 'wrapped', { propagatorSends: true }],
        ['http queue', 'wrapped', { propagatorSends: true }],
        ['undici queue', 'plain', {}],
        ['http queue', 'plain', {}],
      ] as const)('%s, %s, %o', async (client, kind, more) => {
        const asked = await start({ clients: kind, policy: { ...POLICY, ...more } });
        expect(await askAll(asked, client)).toEqual({ doubled: 0, wrong: 0, traced: 200 });
      });
    });

    test('a policy that carries some baggage: wrapped clients send one baggage header', async () => {
      const asked = await start({ clients: 'wrapped', policy: SOME_BAGGAGE });
      for (const client of ['fetch', 'undici', 'node-fetch', 'http']) {
        const headers = { version: 'v2', baggage: 'user=1,lane=v2' };
        const [baggage, version] = linesOf(await asked.ask({ client }, headers));
        expect(
          baggage.map((line) => line.split(',').toSorted()),
          client,
        ).toEqual([['lane=v2', 'user=1']]);
        expect(version).toEqual(['v2']);
        const external = await asked.ask({ client, to: asked.external }, headers);
        expect(JSON.stringify(linesOf(external))).not.toContain('v2');
      }
    });

    test.each(['undici queue', 'http queue'])(
      '... also for calls that wait in a queue: %s',
      async (client) => {
        const asked = await start({ clients: 'wrapped', policy: SOME_BAGGAGE });
        const calls = Array.from({ length: 50 }, async (_, index) => {
          const headers = { version: `v${index}`, baggage: `user=${index},lane=v${index}` };
          const [baggage] = linesOf(await asked.ask({ client }, headers));
          return baggage.map((line) => line.split(',').toSorted().join(','));
        });
        expect(await Promise.all(calls)).toEqual(
          Array.from({ length: 50 }, (_, index) => [`lane=v${index},user=${index}`]),
        );
      },
    );

    describe('a client that only an instrumentation of OpenTelemetry knows', () => {
      const drop = {
        reason: 'propagator',
        direction: 'attach',
        header: 'baggage',
        instrumentation: '@example/instrumentation-queue',
      };

      test('sends no lane, which is reported', async () => {
        const asked = await start();
        await expectTraceOnly(asked, 'message');
        expect(await asked.drops()).toEqual([drop]);
      });

      test('sends what OpenTelemetry writes with propagatorSends', async () => {
        const asked = await start({ policy: { ...POLICY, propagatorSends: true } });
        const [baggage] = linesOf(await asked.ask({ client: 'message' }, LANE));
        expect(baggage.join('|')).toContain('lane=v2');
        expect(await asked.drops()).toEqual([]);
      });
    });
  });
});
