/** A response whose body is a stream. */
export interface StreamedResponse {
  readonly stream: ReadableStream<Uint8Array>;
  /** What else it is made of. */
  readonly init: ResponseInit;
}

/**
 * The stream that is the body of a response, and what else the response is made of; `undefined` when the body is something else.
 *
 * `@hono/node-server` has a Response of its own that keeps what it was given, and becomes a real one, which costs more than the rest
 * of the request, when it is asked for `body`, and adds a type when it is asked for `headers`. So its memory is looked at: an internal of
 * it. Where it is not as expected, the response is asked.
 */
export function streamedResponse(response: Response): StreamedResponse | undefined {
  const light = Object.getOwnPropertySymbols(response).find(({ description }) => description === 'cache');
  const kept = light === undefined ? undefined : (response as unknown as Record<symbol, unknown>)[light];
  if (Array.isArray(kept)) {
    const [status, stream, headers] = kept as [number, unknown, ResponseInit['headers']];
    return isStream(stream)
      ? { stream, init: headers == null ? { status } : { status, headers } }
      : undefined;
  }
  const { body: stream, status, statusText, headers } = response;
  return isStream(stream) ? { stream, init: { status, statusText, headers } } : undefined;
}

function isStream(body: unknown): body is ReadableStream<Uint8Array> {
  return body instanceof ReadableStream;
}
