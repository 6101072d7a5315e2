/**
 * The stream that is the body of a response, `undefined` when it is something else.
 *
 * `@hono/node-server` has a Response of its own that keeps a body as it was given, and becomes a real one, which costs more than the rest
 * of the request, when it is asked for `body`. So its memory is looked at: an internal of it. Where it is not as expected, `body` is asked.
 */
export function responseStream(response: Response): ReadableStream<Uint8Array> | undefined {
  const light = Object.getOwnPropertySymbols(response).find(({ description }) => description === 'cache');
  const kept = light === undefined ? undefined : (response as unknown as Record<symbol, unknown>)[light];
  const body: unknown = Array.isArray(kept) ? kept[1] : response.body;
  return body instanceof ReadableStream ? (body as ReadableStream<Uint8Array>) : undefined;
}
