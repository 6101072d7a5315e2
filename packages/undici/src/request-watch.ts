import { channel } from 'node:diagnostics_channel';
import type { Carrier, HeaderRecord } from '@laneway/core';
import type { DispatchOptions } from './dispatch.js';

const created = channel('undici:request:create');

/** A request as undici publishes it; its headers are names and values in turn, in undici 6.0 one text. */
interface CreatedRequest {
  readonly path: string;
  readonly method: string;
  headers: unknown[] | string;
}

/** What undici has read the headers of: its request is being created just now. */
interface Creation {
  readonly options: DispatchOptions;
  /** How many `baggage` headers were among them. */
  readonly baggage: number;
}

let creating: Creation | undefined;

/**
 * Sees to it that a dispatched request leaves with no other baggage than ours, whenever undici creates it.
 *
 * A pool without a free connection creates a waiting request when another one ends, in the context of whoever reads that one or
 * opened its connection. OpenTelemetry's undici instrumentation then adds that context's baggage, another lane's, to whatever it
 * is. undici reads the headers right before it publishes a request, and headers that notice it tell ours from others', through
 * interceptors too: those hand on the same headers or a copy.
 *
 * @param headers those that it is to be dispatched with
 * @returns the headers to dispatch: without a listener like that one, the very same
 */
export function watchHeaders(options: DispatchOptions, headers: Carrier | undefined): Carrier | undefined {
  if (!created.hasSubscribers) return headers;
  // Behind all others, as they add what we remove.
  created.unsubscribe(removeLateBaggage);
  if (!created.hasSubscribers) return headers;
  created.subscribe(removeLateBaggage);
  const note = (names: readonly unknown[]): void => {
    creating = { options, baggage: names.filter(isBaggage).length };
  };
  if (Array.isArray(headers)) {
    const flat: readonly unknown[] = headers;
    return new Proxy(flat, {
      get(target, key) {
        // undici asks how many there are, and reads them.
        if (key === 'length') note(target.filter((_, index) => index % 2 === 0));
        return Reflect.get(target, key) as unknown;
      },
    }) as Carrier;
  }
  // Headers of a caller at the baseline, who may iterate them once only.
  if (headers && Symbol.iterator in headers) {
    const iterate = function* (): Generator<readonly [string, unknown]> {
      const pairs = [...(headers as Iterable<readonly [string, unknown]>)];
      note(pairs.map(([name]) => name));
      yield* pairs;
    };
    return { [Symbol.iterator]: iterate };
  }
  return watchRecord(headers, note);
}

function watchRecord(
  headers: HeaderRecord | undefined,
  note: (names: readonly unknown[]) => void,
): HeaderRecord {
  const watched = {
    ...headers,
    // Enumerable, and so in copies as well.
    [Symbol.iterator](this: HeaderRecord): Iterator<[string, unknown]> {
      const entries = Object.entries(this);
      note(entries.map(([name]) => name));
      return entries.values();
    },
  };
  return new Proxy(watched, {
    // undici 6.0 knows no iterator.
    ownKeys(target) {
      const keys = Reflect.ownKeys(target);
      note(keys);
      return keys;
    },
  });
}

/** Forgets headers that were read without creating a request: it waits. */
export function endDispatch(): void {
  creating = undefined;
}

function removeLateBaggage(message: unknown): void {
  const { request } = message as { request: CreatedRequest };
  const own = creating;
  creating = undefined;
  if (
    own === undefined ||
    !request.path.includes(own.options.path ?? '') ||
    request.method !== own.options.method
  )
    return;
  let expected = own.baggage;
  const isLate = (name: string): boolean => isBaggage(name) && expected-- <= 0;
  if (typeof request.headers === 'string') {
    const lines = request.headers.split('\r\n').filter((line) => !isLate(line.slice(0, line.indexOf(':'))));
    request.headers = lines.join('\r\n');
    return;
  }
  for (let i = 0; i < request.headers.length;) {
    if (isLate(String(request.headers[i]))) request.headers.splice(i, 2);
    else i += 2;
  }
}

function isBaggage(name: unknown): boolean {
  return String(name).toLowerCase() === 'baggage';
}
