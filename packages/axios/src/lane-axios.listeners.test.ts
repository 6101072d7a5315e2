import type { Readable } from 'node:stream';
import { afterAll, describe, expect, test } from 'vitest';
import { useInterruptedServer } from '../../../test/support/interrupted-server.js';
import { clients } from './clients.contract.js';
import { laneAxios } from './index.js';

const { lanes, inLane, pooledAgent, url } = useInterruptedServer();

describe.each(clients)('$name', ({ axios: original }) => {
  const httpAgent = pooledAgent();
  const axios = laneAxios(original.create({ httpAgent }), lanes);
  afterAll(() => httpAgent.destroy());

  describe.each(['v2', 'baseline'])('in %s', (lane) => {
    test.each([
      ['/whole', {}, ['data', 'end']],
      ['/half', {}, ['data', 'error']],
      ['/half', { maxRedirects: 0 }, ['data', 'error']],
      ['/drop', {}, ['catch']],
    ])('a stream as the response: %s %o', async (path, more, events) => {
      const seen: string[] = [];
      const note = (what: string) => (): unknown =>
        seen.push(`${what} ${lanes.current().name ?? 'baseline'}`);
      await inLane(lane, async () => {
        const response = await axios.get(url(path), { responseType: 'stream', ...more }).catch(note('catch'));
        const stream = (response as { data?: Readable }).data;
        if (stream === undefined) return;
        const done = new Promise((resolve) => stream.once('end', resolve).once('error', resolve));
        // Another lane adds this listener.
        lanes.baseline(() => {
          for (const event of ['data', 'end', 'error', 'aborted']) stream.on(event, note(event));
        });
        await done;
      });
      expect([...new Set(seen.map((line) => line.split(' ').at(-1)))]).toEqual([lane]);
      expect(seen.map((line) => line.split(' ')[0])).toEqual(expect.arrayContaining(events));
    });

    test('the callbacks of axios', async () => {
      const seen: (string | undefined)[] = [];
      const note = (): unknown => seen.push(lanes.current().name ?? 'baseline');
      const call = (path: string): Promise<unknown> =>
        axios.post(url(path), 'x'.repeat(1000), {
          validateStatus: () => Boolean(note()),
          transformRequest: [(data: unknown) => (note(), data)],
          transformResponse: [(data: unknown) => (note(), data)],
          onDownloadProgress: note,
          onUploadProgress: note,
        });
      await inLane(lane, async () => {
        await call('/whole');
        await call('/half').catch(note);
        await call('/drop').catch(note);
      });
      expect([...new Set(seen)]).toEqual([lane]);
      expect(seen.length).toBeGreaterThan(6);
    });
  });
});
