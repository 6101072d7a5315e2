import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A folder where a version of OpenTelemetry's SDK and Laneway are installed. */
export interface SdkInstall {
  readonly folder: string;
  remove(): Promise<void>;
}

/** A version of OpenTelemetry's SDK. */
export interface Sdk {
  readonly name: string;
  /** Why it cannot run on this Node; `undefined` when it can. */
  readonly skip: string | undefined;
  readonly install: () => Promise<SdkInstall>;
}

const node = Number(process.versions.node.split('.')[0]);

/** The versions of the SDK that Laneway supports. */
export const sdks: readonly Sdk[] = [
  {
    name: 'SDK 2',
    skip: undefined,
    install: async () => ({ folder: join(root, 'test/interop'), remove: async () => {} }),
  },
  {
    name: 'SDK 3',
    skip: node >= 22 ? undefined : `needs Node 22, this is ${node}`,
    install: copyLaneway,
  },
];

/**
 * Copies Laneway beside SDK 3, which needs a newer `@opentelemetry/api` than SDK 2 allows. Laneway must load the same copy as the SDK:
 * another version does not find what is registered.
 */
async function copyLaneway(): Promise<SdkInstall> {
  const cache = join(root, 'test/interop-sdk-3/node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'laneway-'));
  for (const name of await readdir(join(root, 'packages'))) {
    const target = join(folder, 'node_modules/@laneway', name);
    for (const part of ['package.json', 'dist'])
      await cp(join(root, 'packages', name, part), join(target, part), { recursive: true });
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}
