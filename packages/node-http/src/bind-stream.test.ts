import { BASELINE } from '@laneway/core';
import { contractLanes, takeTurns } from '@laneway/testing';
import { expect, test } from 'vitest';
import { bindStream } from './index.js';

const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const inLane = <T>(version: string, fn: () => T): T => lanes.run(BASELINE.set('version', version), fn);

test('a source is pulled and cancelled where the stream was bound, not where it is read', async () => {
  const seen: string[] = [];
  const stream = inLane('v2', () =>
    bindStream(
      new ReadableStream<number>(
        {
          async pull(controller) {
            await takeTurns(seen.length);
            seen.push(`pull ${name()}`);
            controller.enqueue(seen.length);
          },
          cancel: (reason) => void seen.push(`cancel ${String(reason)} ${name()}`),
        },
        { highWaterMark: 0 },
      ),
    ),
  );
  await inLane('v3', async () => {
    const reader = stream.getReader();
    expect([(await reader.read()).value, (await reader.read()).value]).toEqual([1, 2]);
    expect(name()).toBe('v3');
    await reader.cancel('enough');
  });
  expect(seen).toEqual(['pull v2', 'pull v2', 'cancel enough v2']);
});

test('the bound stream ends and fails like its source', async () => {
  const read = async (stream: ReadableStream<string>): Promise<string[]> => {
    const chunks: string[] = [];
    for await (const chunk of bindStream(stream)) chunks.push(chunk);
    return chunks;
  };
  const ends = new ReadableStream<string>({
    start(controller) {
      controller.enqueue('a');
      controller.enqueue('b');
      controller.close();
    },
  });
  expect(await read(ends)).toEqual(['a', 'b']);
  const error = new Error('the source failed');
  const fails = new ReadableStream<string>({ pull: () => Promise.reject(error) });
  await expect(read(fails)).rejects.toBe(error);
});
