import { afterAll, describe, expect, test } from 'vitest';
import { useInterruptedServer } from '../../../test/support/interrupted-server.js';
import { clients } from './clients.contract.js';
import { laneGot } from './index.js';

const { lanes, inLane, pooledAgent, url } = useInterruptedServer();

describe.each(clients)('$name', ({ got: original }) => {
  const agent = { http: pooledAgent() };
  const got = laneGot(original, lanes).extend({ agent });
  afterAll(() => agent.http.destroy());

  /** Records in which lane listeners run. */
  function watch(): { note: (what: string) => () => void; seen: string[]; lanesSeen: () => string[] } {
    const seen: string[] = [];
    return {
      seen,
      note: (what) => () => void seen.push(`${what} ${lanes.current().name ?? 'baseline'}`),
      lanesSeen: () => [...new Set(seen.map((line) => line.split(' ').at(-1) ?? ''))],
    };
  }

  describe.each(['v2', 'baseline'])('in %s', (lane) => {
    test.each([
      ['/whole', ['request', 'response', 'data', 'end']],
      ['/redirect', ['request', 'redirect', 'response', 'data', 'end']],
      ['/half', ['request', 'response', 'data', 'error']],
      ['/drop', ['request', 'error']],
    ])('the events of a stream: %s', async (path, events) => {
      const { note, seen, lanesSeen } = watch();
      const retry = { limit: 0 };
      const stream = inLane(lane, () => got.stream(url(path), { retry }));
      const done = new Promise((resolve) => stream.once('end', resolve).once('error', resolve));
      for (const event of ['request', 'redirect', 'response', 'data', 'end', 'error', 'close'])
        stream.on(event, note(event));
      await done;
      expect(lanesSeen()).toEqual([lane]);
      expect(seen.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(events));
    });

    test('the hooks of a call that is redirected, and of one that fails and is retried', async () => {
      const { note, seen, lanesSeen } = watch();
      const noted =
        (what: string) =>
        <T>(value: T): T => {
          note(what)();
          return value;
        };
      const quiet = (what: string) => (): void => note(what)();
      const hooks = {
        beforeRequest: [quiet('beforeRequest')],
        beforeRedirect: [quiet('beforeRedirect')],
        beforeRetry: [quiet('beforeRetry')],
        afterResponse: [noted('afterResponse')],
        beforeError: [noted('beforeError')],
      };
      const retry = {
        limit: 1,
        calculateDelay({ attemptCount = 1 }): number {
          note('calculateDelay')();
          return attemptCount > 1 ? 0 : 1;
        },
      };
      await inLane(lane, () => got(url('/redirect'), { hooks, retry }));
      for (const path of ['/drop', '/half'])
        await inLane(lane, () => got(url(path), { hooks, retry }).catch(note('catch')));
      expect(lanesSeen()).toEqual([lane]);
      expect(new Set(seen.map((line) => line.split(' ')[0]))).toEqual(
        new Set([...Object.keys(hooks), 'calculateDelay', 'catch']),
      );
    });

    test('the events of a promise', async () => {
      const { note, lanesSeen, seen } = watch();
      const promise = inLane(lane, () => got(url('/redirect')));
      const emitter = promise as unknown as { on(event: string, listener: () => void): void };
      for (const event of ['request', 'redirect', 'response', 'downloadProgress'])
        emitter.on(event, note(event));
      await promise;
      expect(lanesSeen()).toEqual([lane]);
      expect(seen.length).toBeGreaterThan(3);
    });
  });
});
