import type * as undici from 'undici';
import type { Setup } from '../client.js';

/** The types of undici 7 stand for all versions. */
export type Undici = typeof undici;

/** Returns connect options that resolve every name to loopback. */
export function connectOptions({ lookup, ca }: Setup): object {
  return { lookup, ...(ca === undefined ? {} : { ca }) };
}

/** Returns an agent with one connection per origin. */
export function oneConnection({ Agent, Pool }: Undici, setup: Setup): undici.Agent {
  return new Agent({
    connect: connectOptions(setup),
    // Not only `connections: 1`, which creates a Client: only a Pool queues requests and creates them late.
    factory: (origin, options) => new Pool(origin, Object.assign(options, { connections: 1 })),
  });
}

/** Opens one dispatcher per origin, for dispatchers that support only one. */
export function perOrigin<D extends { destroy(): unknown }>(
  open: (origin: string) => D,
): { of(origin: string): D; close(): void } {
  const opened = new Map<string, D>();
  return {
    of(origin) {
      const known = opened.get(origin);
      if (known !== undefined) return known;
      const made = open(origin);
      opened.set(origin, made);
      return made;
    },
    close() {
      for (const one of opened.values()) one.destroy();
    },
  };
}
