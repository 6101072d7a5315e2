/** What was sent as a body, for a redirect that asks for it once more. */
export interface KeptBody {
  /** @throws {TypeError} when it cannot be sent again */
  again(): unknown;
  /** Lets go of it. */
  drop(): void;
}

const MOST_BYTES = 1024 * 1024;

/** The body of the options of a call. */
export function keepBody(body: unknown): KeptBody {
  const kept = copyBytes(body);
  return { again: () => (isStream(kept) ? refuse() : kept), drop: () => {} };
}

/**
 * The body of a `Request`, which does not tell whether it is a stream: so it is read beside the runtime, and what is long and comes in
 * pieces is one, which need not fit into memory.
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
  return { again: async () => (await bytes) ?? refuse(), drop };
}

function refuse(): never {
  throw new TypeError(
    'fetch failed: redirected, and a stream cannot be sent twice. Send the body as a text, bytes or a Blob.',
  );
}

/** Bytes as they are at the time of the call: the caller may use their memory again before a redirect comes. */
function copyBytes(body: unknown): unknown {
  if (body instanceof ArrayBuffer) return body.slice(0);
  if (!ArrayBuffer.isView(body)) return body;
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
}

function isStream(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
