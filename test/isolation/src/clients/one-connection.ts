import type * as undici from 'undici';
import type { Setup } from '../client.js';

/** What the versions of undici have in common. */
export type Undici = typeof undici;

/** An agent with one connection for each origin. */
export function oneConnection({ Agent, Pool }: Undici, { lookup, ca }: Setup): undici.Agent {
  return new Agent({
    connect: { lookup, ...(ca === undefined ? {} : { ca }) },
    // Not `connections: 1` alone, which is a Client: only a Pool lets requests wait, and creates them late.
    factory: (origin, options) => new Pool(origin, Object.assign(options, { connections: 1 })),
  });
}
