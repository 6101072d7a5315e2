import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkService, type Report } from '@laneway/conformance';

/** What propagates the baggage in a service. */
export type Carrier = 'laneway' | 'opentelemetry' | 'both';

/** A service under test. */
export interface Subject {
  readonly carrier: Carrier;
  readonly client: 'fetch' | 'http';
}

/** An installation of OpenTelemetry's SDK: its folder and the versions of the packages in use. */
export interface SdkInstallation {
  readonly folder: string;
  readonly versions: Readonly<Record<string, string>>;
}

const PACKAGES = [
  'core',
  'sdk-node',
  'instrumentation-express',
  'instrumentation-http',
  'instrumentation-undici',
];
const SERVICE = fileURLToPath(new URL('../fixtures/service.cjs', import.meta.url));

/** Returns the installation in a folder of `test`. */
export function findSdk(name: string): SdkInstallation {
  const folder = fileURLToPath(new URL(`../../${name}`, import.meta.url));
  const { resolve } = createRequire(`${folder}/`);
  const versions = PACKAGES.map((part) => {
    const id = `@opentelemetry/${part}`;
    return [id, readVersion(id, resolve(id))] as const;
  });
  return { folder, versions: Object.fromEntries(versions) };
}

/** Reads the manifest from disk, because version 3 does not export it. */
function readVersion(name: string, file: string): string {
  const folder = file.slice(0, file.lastIndexOf(name) + name.length);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** Runs the harness against a subject in a separate process, which loads the built packages as users do. */
export async function judge({ carrier, client }: Subject, sdk: SdkInstallation): Promise<Report> {
  const child = fork(SERVICE, {
    execArgv: [],
    env: { ...process.env, CARRIER: carrier, CLIENT: client, SDK_FOLDER: sdk.folder, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  try {
    const [port] = (await Promise.race([
      once(child, 'message'),
      exited.then(() =>
        Promise.reject(new Error('The service ended before it listened. Run `npm run build` first.')),
      ),
    ])) as [number];
    return await checkService(`http://127.0.0.1:${port}/`);
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}
