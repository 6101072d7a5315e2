import ky from 'ky';
import kyLowest from 'ky-lowest';

/** The lowest and the highest supported version of each major of ky, typed as the newest ky 1. */
export const kys: readonly (readonly [name: string, ky: typeof ky])[] = [
  ['ky 1.0', kyLowest as never],
  ['ky 1', ky],
  ...(Number(process.versions.node.split('.')[0]) >= 22
    ? ([['ky 2', (await import('ky-2')).default as never]] as const)
    : []),
];
