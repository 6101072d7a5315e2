import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Returns the real name and version of an installed package, also for an alias: `undici 6.29.1`. */
export function versionOf(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.resolve(name)));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
      if (found.version !== undefined) return `${found.name ?? name} ${found.version}`;
    }
    const parent = dirname(folder);
    if (parent === folder) return name;
    folder = parent;
  }
}

/** The packages behind OpenTelemetry's columns. */
export const opentelemetryPackages: readonly string[] = [
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/instrumentation-http',
  '@opentelemetry/instrumentation-undici',
];
