import { snapshot } from '@laneway/core';

/**
 * Returns a web stream of the same chunks whose source is asked for them, and told that nobody wants them any more, in the context of
 * this moment: frameworks read the body of an answer from a place of their own, and what a source does runs where it is read.
 */
export function bindStream<T>(stream: ReadableStream<T>): ReadableStream<T> {
  const enter = snapshot();
  const reader = stream.getReader();
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await enter(() => reader.read());
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => enter(() => reader.cancel(reason)),
    },
    // Nothing is read before it is asked for.
    { highWaterMark: 0 },
  );
}
