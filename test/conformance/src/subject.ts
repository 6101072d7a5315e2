import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkService, type Report } from '@laneway/conformance';

/** Who carries the baggage in a service. */
export type Carrier = 'laneway' | 'opentelemetry' | 'both';

/** A service that is judged. */
export interface Subject {
  readonly carrier: Carrier;
  readonly client: 'fetch' | 'http';
}

/** Where a version of OpenTelemetry's SDK is installed, and what of it is in use. */
export interface SdkRoom {
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

/** The room of this name, a folder beside this workspace. */
export function sdkRoom(room: string): SdkRoom {
  const folder = fileURLToPath(new URL(`../../${room}`, import.meta.url));
  const { resolve } = createRequire(`${folder}/`);
  const versions = PACKAGES.map((part) => {
    const name = `@opentelemetry/${part}`;
    return [name, readVersion(name, resolve(name))] as const;
  });
  return { folder, versions: Object.fromEntries(versions) };
}

/** Reads the manifest from the disk: version 3 does not export it. */
function readVersion(name: string, file: string): string {
  const folder = file.slice(0, file.lastIndexOf(name) + name.length);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}

/** Runs the harness against a subject, in a process of its own. It loads the builds, as users do. */
export async function judge({ carrier, client }: Subject, room: SdkRoom): Promise<Report> {
  const child = fork(SERVICE, {
    execArgv: [],
    // The warning about OpenTelemetry's propagator is for users; here it is known.
    env: { ...process.env, CARRIER: carrier, CLIENT: client, ROOM: room.folder, NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  try {
    const [port] = (await Promise.race([
      once(child, 'message'),
      exited.then(() =>
        Promise.reject(new Error('The service ended before it listened. Build first: npm run build.')),
      ),
    ])) as [number];
    return await checkService(`http://127.0.0.1:${port}/`);
  } finally {
    if (child.connected) child.disconnect();
    await exited;
  }
}
