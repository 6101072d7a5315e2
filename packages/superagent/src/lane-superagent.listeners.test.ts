import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { useInterruptedServer } from '../../../test/support/interrupted-server.js';
import { clients } from './clients.contract.js';
import { laneSuperagent } from './index.js';

const { lanes, inLane, pooledAgent, url } = useInterruptedServer();

describe.each(clients)('$name', ({ superagent }) => {
  const request = laneSuperagent(superagent, lanes);
  const agent = pooledAgent();
  afterAll(() => agent.destroy());

  describe.each(['v2', 'baseline'])('in %s', (lane) => {
    test.each([
      ['/whole', ['response', 'end', 'callback']],
      ['/redirect', ['redirect', 'response', 'end', 'callback']],
      ['/half', ['error', 'callback']],
      ['/drop', ['retry', 'error', 'callback']],
      ['/late', ['retry', 'abort', 'error', 'callback']],
    ])('events and callbacks: %s', async (path, events) => {
      const seen: string[] = [];
      const note = (what: string): unknown => seen.push(`${what} ${lanes.current().name ?? 'baseline'}`);
      await new Promise<void>((done) => {
        inLane(lane, () => {
          const pending = request.get(url(path)).agent(agent).timeout({ response: 50 });
          pending.retry(1, () => void note('retry'));
          for (const event of ['request', 'redirect', 'response', 'end', 'error', 'abort'])
            pending.on(event, () => void note(event));
          pending.end(() => {
            note('callback');
            done();
          });
        });
      });
      expect([...new Set(seen.map((line) => line.split(' ').at(-1)))]).toEqual([lane]);
      expect(seen.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(events));
    });

    test('an abort by code in another lane', async () => {
      const seen: string[] = [];
      const pending = inLane(lane, () => request.get(url('/late')).agent(agent));
      const aborted = new Promise<void>((done) => {
        pending.on('abort', () => {
          seen.push(lanes.current().name ?? 'baseline');
          done();
        });
      });
      pending.end(() => {});
      inLane('other', () => pending.abort());
      await aborted;
      expect(seen).toEqual([lane]);
    });

    test('the stream that a request is piped to', async () => {
      const seen: string[] = [];
      const stream = inLane(lane, () => request.get(url('/redirect')).agent(agent).pipe(new PassThrough()));
      stream.on('data', () => void seen.push(lanes.current().name ?? 'baseline'));
      await new Promise((done) => void stream.once('end', done));
      expect([...new Set(seen)]).toEqual([lane]);
    });
  });
});
