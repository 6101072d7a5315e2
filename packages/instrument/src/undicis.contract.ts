import * as undici7 from 'undici';
import * as undici6 from 'undici-6';
import * as undici6Lowest from 'undici-6-lowest';
import * as undici7Lowest from 'undici-7-lowest';
import { loopbackLookup } from '@laneway/testing';

/** undici, as far as the tests use it; the types of the versions differ in what does not matter here. */
export type Undici = typeof undici7;

/** Every undici, at the lowest and at the highest version of each major; 8 needs Node 22. */
export const undicis: readonly (readonly [name: string, undici: Undici])[] = [
  ['undici 6.0', undici6Lowest as never],
  ['undici 6', undici6 as never],
  ['undici 7.0', undici7Lowest as never],
  ['undici 7', undici7],
  ...(Number(process.versions.node.split('.')[0]) >= 22
    ? ([
        ['undici 8.0', (await import('undici-8-lowest')) as never],
        ['undici 8', (await import('undici-8')) as never],
      ] as const)
    : []),
];

/** An agent with one connection for each origin, on which requests wait. */
export function poolAgent({ Agent, Pool }: Undici): undici7.Agent {
  return new Agent({
    factory: (origin) => new Pool(origin, { connections: 1, connect: { lookup: loopbackLookup } }),
  });
}
