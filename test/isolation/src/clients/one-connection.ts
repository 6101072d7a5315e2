import type * as undici from 'undici';
import type { Setup } from '../client.js';

/** What the versions of undici have in common. */
export type Undici = typeof undici;

/** How undici connects to names that are this machine. */
export function connectOptions({ lookup, ca }: Setup): object {
  return { lookup, ...(ca === undefined ? {} : { ca }) };
}

/** An agent with one connection for each origin. */
export function oneConnection({ Agent, Pool }: Undici, setup: Setup): undici.Agent {
  return new Agent({
    connect: connectOptions(setup),
    // Not `connections: 1` alone, which is a Client: only a Pool lets requests wait, and creates them late.
    factory: (origin, options) => new Pool(origin, Object.assign(options, { connections: 1 })),
  });
}

/** What knows one origin only, for all of them. */
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
