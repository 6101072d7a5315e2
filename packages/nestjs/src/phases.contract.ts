import { contractLanes, laneHeaders, openSharedConnection, type SharedConnection } from '@laneway/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Application,
  makeModule,
  type Nest,
  type Platform,
  startApplication,
} from './application.fixture.js';
import { LaneModule } from './index.js';
import { makePhases } from './phases.fixture.js';
import { openWire, type Wire } from './wire.fixture.js';

/** Tests that each phase of a request runs in its lane. */
export function phasesContract(name: string, nest: Nest, platform: Platform): void {
  describe.each([false, true])(
    `${name} on ${platform}: phases of a request, behind a shared connection: %s`,
    (isShared) => {
      const lanes = contractLanes();
      let seen: string[];
      let connection: SharedConnection;
      let application: Application;
      let wire: Wire;
      /** Resolves when `count` responses are closed. */
      let closed: (count: number) => Promise<void>;

      beforeEach(async () => {
        seen = [];
        connection = await lanes.run(lanes.capture(laneHeaders('connection')), openSharedConnection);
        let waiting = (): void => {};
        const note = (what: string): void => {
          seen.push(`${what} ${lanes.current().name ?? 'baseline'}`);
          waiting();
        };
        const phases = makePhases(
          nest,
          note,
          isShared ? (callback) => connection.query(callback) : undefined,
        );
        closed = (count) =>
          new Promise((done) => {
            waiting = () => void (seen.filter((line) => line.startsWith('close')).length === count && done());
            waiting();
          });
        // Imported after the module with the middleware, because LaneModule must work in any order.
        const imports = [...(phases.parts.imports ?? []), LaneModule.forRoot({ lanes })];
        application = await startApplication(nest, platform, makeModule(nest, { imports }), phases);
        wire = openWire(application.url);
      });
      afterEach(async () => {
        wire.close();
        await application.close();
        await connection.close();
        expect(application.warnings).toEqual([]);
      });

      /** Returns the phases that were noted in a lane. */
      const phasesOf = (lane: string): string[] =>
        seen.filter((line) => line.endsWith(` ${lane}`)).map((line) => line.slice(0, -lane.length - 1));
      const before = ['app.use', 'middleware', 'class middleware', 'provider', 'guard', 'interceptor'];
      const inside = [...before, 'parameter', 'pipe', 'handler'];

      test('bodies in pieces, on a connection that requests of several lanes share', async () => {
        const body = JSON.stringify({ text: 'x'.repeat(40) });
        for (const lane of ['v2', undefined, 'v3'])
          expect(await wire.send(lane, '/phases', body)).toBe('200 done');
        await closed(3);
        for (const lane of ['v2', 'baseline', 'v3'])
          expect(phasesOf(lane).toSorted()).toEqual([...inside, 'next', 'end', 'close'].toSorted());
      });

      test('a handler that fails', async () => {
        for (const lane of ['v2', undefined, 'v3'])
          expect(await wire.send(lane, '/phases', '{"fail":true}')).toBe('500 Error');
        await closed(3);
        for (const lane of ['v2', 'baseline', 'v3'])
          expect(phasesOf(lane).toSorted()).toEqual(
            [...inside, 'error', 'end', 'filter', 'close'].toSorted(),
          );
      });

      test('a malformed body and an unknown path: the exception filter runs in the lane', async () => {
        for (const lane of ['v2', undefined, 'v3']) {
          expect(await wire.send(lane, '/phases', '{"text":')).toMatch(/^500 /);
          expect(await wire.send(lane, '/nowhere')).toBe('500 NotFoundException');
        }
        for (const lane of ['v2', 'baseline', 'v3'])
          expect(phasesOf(lane).filter((phase) => phase === 'filter')).toHaveLength(2);
      });
    },
  );
}
