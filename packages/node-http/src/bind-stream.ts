import { snapshot } from '@laneway/core';

/**
 * Returns a web stream of the same chunks whose source is pulled and cancelled in the current context. Otherwise it would run in the context
 * that reads the stream: frameworks read the body of a response in another context.
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
    // Nothing is read before the reader pulls.
    { highWaterMark: 0 },
  );
}
