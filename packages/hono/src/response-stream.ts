/** A response whose body is a stream. */
export interface StreamedResponse {
  readonly stream: ReadableStream<Uint8Array>;
  /** Status and headers of the response. */
  readonly init: ResponseInit;
}

/**
 * Returns the stream that the application passed as the body of a response, with status and headers. Returns `undefined` when the body is
 * something else, such as a string. `response.body` is a stream for strings too, but a string must stay a string, because servers then know
 * its length.
 *
 * Only internals of the response show the difference. If they are not as expected, the response is not changed.
 */
export function streamedResponse(response: Response): StreamedResponse | undefined {
  // Bun already runs a source in the context in which its stream was created.
  if ('Bun' in globalThis) return undefined;
  const light = readInternal(response, 'cache');
  return Array.isArray(light) ? lightStream(light) : plainStream(response);
}

/**
 * Reads the arguments that the lightweight Response of `@hono/node-server` stores. Don't read `body` or `headers` instead: reading `body`
 * creates a real Response, which costs more than the rest of the request, and reading `headers` adds a content type.
 */
function lightStream(kept: readonly unknown[]): StreamedResponse | undefined {
  const [status, stream, headers] = kept as [number, unknown, ResponseInit['headers']];
  if (!isStream(stream)) return undefined;
  return { stream, init: headers == null ? { status } : { status, headers } };
}

function plainStream(response: Response): StreamedResponse | undefined {
  // In Deno, reading `body` converts a string to a stream.
  if ('Deno' in globalThis && !isStream(readDenoBody(response))) return undefined;
  const { body: stream, status, statusText, headers } = response;
  if (!isStream(stream) || stream.locked || isByteStream(stream)) return undefined;
  return { stream, init: { status, statusText, headers } };
}

function readDenoBody(response: Response): unknown {
  const kept = readInternal(response, 'response') as { body?: { streamOrStatic?: unknown } } | undefined;
  return kept?.body?.streamOrStatic;
}

function readInternal(response: Response, description: string): unknown {
  const key = Object.getOwnPropertySymbols(response).find((symbol) => symbol.description === description);
  return key && Reflect.get(response, key);
}

function isStream(body: unknown): body is ReadableStream<Uint8Array> {
  return body instanceof ReadableStream;
}

/** Node creates byte streams for strings, bytes, forms and fetched bodies. Applications rarely create them. */
function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
