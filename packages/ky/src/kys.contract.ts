import ky from 'ky';
import kyLowest from 'ky-lowest';

/** Every supported ky, at the lowest and at the highest version of each major; as the newest of ky 1 is typed. */
export const kys: readonly (readonly [name: string, ky: typeof ky])[] = [
  ['ky 1.0', kyLowest as never],
  ['ky 1', ky],
  ...(Number(process.versions.node.split('.')[0]) >= 22
    ? ([['ky 2', (await import('ky-2')).default as never]] as const)
    : []),
];
