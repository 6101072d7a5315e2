import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where a version of OpenTelemetry's SDK is installed, with Laneway beside it. */
export interface SdkRoom {
  readonly folder: string;
  remove(): Promise<void>;
}

/** A version of OpenTelemetry's SDK. */
export interface Sdk {
  readonly name: string;
  /** Why it cannot run here; `undefined` when it can. */
  readonly skip: string | undefined;
  readonly open: () => Promise<SdkRoom>;
}

const node = Number(process.versions.node.split('.')[0]);

/** The versions of the SDK that Laneway works beside. */
export const sdks: readonly Sdk[] = [
  {
    name: 'SDK 2',
    skip: undefined,
    open: async () => ({ folder: join(root, 'test/interop'), remove: async () => {} }),
  },
  {
    name: 'SDK 3',
    skip: node >= 22 ? undefined : `needs Node 22, this is ${node}`,
    open: copyLaneway,
  },
];

/**
 * Copies Laneway beside SDK 3, which needs a newer `@opentelemetry/api` than SDK 2 allows: there is one of it in a process, or
 * nothing that one registers is found by the other.
 */
async function copyLaneway(): Promise<SdkRoom> {
  const cache = join(root, 'test/interop-sdk-3/node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'laneway-'));
  for (const room of await readdir(join(root, 'packages'))) {
    const target = join(folder, 'node_modules/@laneway', room);
    for (const part of ['package.json', 'dist'])
      await cp(join(root, 'packages', room, part), join(target, part), { recursive: true });
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
