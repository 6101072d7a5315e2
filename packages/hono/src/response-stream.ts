/** A response whose body is a stream. */
export interface StreamedResponse {
  readonly stream: ReadableStream<Uint8Array>;
  /** What else it is made of. */
  readonly init: ResponseInit;
}

/**
 * Returns the stream that the application made the body of a response from, and what else the response is made of; `undefined` when the
 * application made the body from something else. A text shows as a stream as well, but must stay a text: servers then know its length.
 *
 * Only the response's internals tell one from the other. Where they are not as expected, the response stays as it is.
 */
export function streamedResponse(response: Response): StreamedResponse | undefined {
  // Bun runs a source in the context that its stream was made in.
  if ('Bun' in globalThis) return undefined;
  const light = readInternal(response, 'cache');
  return Array.isArray(light) ? lightStream(light) : plainStream(response);
}

/**
 * `@hono/node-server` has a Response of its own that keeps what it was made of. It becomes a real one, which costs more than the rest of
 * the request, when it is asked for `body`, and adds a type when it is asked for `headers`.
 */
function lightStream(kept: readonly unknown[]): StreamedResponse | undefined {
  const [status, stream, headers] = kept as [number, unknown, ResponseInit['headers']];
  if (!isStream(stream)) return undefined;
  return { stream, init: headers == null ? { status } : { status, headers } };
}

function plainStream(response: Response): StreamedResponse | undefined {
  // Deno makes a stream of a text when it is asked for `body`.
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

/** Node makes byte streams of texts, bytes, forms and what it fetches; applications nearly never do. */
function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: 'byob' }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
