/** A body that can be sent again after a redirect. */
export interface KeptBody {
  /** @throws {TypeError} when it cannot be sent again */
  again(): unknown;
  /** Releases the body. */
  drop(): void;
}

const MOST_BYTES = 1024 * 1024;

/** Keeps the body of the options of a call. */
export function keepBody(body: unknown): KeptBody {
  const kept = copyBytes(body);
  return { again: () => (isStream(kept) ? rejectStream() : kept), drop: () => {} };
}

/**
 * Keeps the body of a `Request`.
 *
 * The body of a `Request` is always a stream, whatever it was created from. A clone is read to keep its bytes. A body of several chunks
 * that exceeds 1 MiB is released, so that a large stream is not kept in memory.
 */
export function keepBodyOf(request: Request): KeptBody {
  const { body } = request.clone();
  if (!(body instanceof ReadableStream)) return keepBody(body);
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const drop = (): void => void reader.cancel().catch(() => {});
  const read = async (): Promise<Uint8Array | undefined> => {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      length += chunk.value.length;
      if (chunks.push(chunk.value) > 1 && length > MOST_BYTES) {
        drop();
        return undefined;
      }
    }
    return Buffer.concat(chunks);
  };
  const bytes = read().catch(() => undefined);
  return { again: async () => (await bytes) ?? rejectStream(), drop };
}

function rejectStream(): never {
  throw new TypeError(
    'fetch failed: the server redirected a request whose body is a stream, which cannot be sent twice. ' +
      'Pass the body as a string, bytes or a Blob.',
  );
}

/** Copies bytes, because the caller may change their buffer before the redirect arrives. */
function copyBytes(body: unknown): unknown {
  if (body instanceof ArrayBuffer) return body.slice(0);
  if (!ArrayBuffer.isView(body)) return body;
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
