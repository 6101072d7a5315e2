import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { clients } from './clients/index.js';
import { isWanted, parseOptions, usage } from './options.js';
import { LANES } from './plan.js';
import { formatFaults, formatTable, passes } from './report.js';
import { type Job, runJobs } from './schedule.js';
import { opentelemetryPackages, versionOf } from './versions.js';
import type { WayName } from './way.js';

// A tenth of the calls is enough for a comparison.
const opentelemetryCalls = (calls: number): number => Math.min(2000, Math.max(1000, calls / 10));
const WAYS: readonly WayName[] = ['wrapped', 'instrumented', 'opentelemetry'];
const nodeMajor = Number(process.versions.node.split('.')[0]);
// Resolve paths from the user's folder: npm runs scripts in the package's folder.
const typedIn = process.env['INIT_CWD'] ?? process.cwd();

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const wanted = clients.filter(({ name }) => isWanted(name, options.only));
  const measured = wanted.filter(({ minNode = 0 }) => minNode <= nodeMajor);
  const started = performance.now();
  const ways = options.lanewayOnly ? WAYS.filter((way) => way !== 'opentelemetry') : WAYS;
  const callsOf = (way: WayName): number =>
    way === 'opentelemetry' ? opentelemetryCalls(options.calls) : options.calls;
  const jobs = measured.flatMap((client) =>
    ways.map((way): Job => ({ client, way, calls: Math.min(callsOf(way), client.mostCalls ?? Infinity) })),
  );
  const measurements = await runJobs(jobs);

  const seconds = (performance.now() - started) / 1000;
  const passed = passes(measurements);
  const packages = new Set(measured.flatMap((client) => client.package ?? []));
  const versions = [...packages, ...(options.lanewayOnly ? [] : opentelemetryPackages)].map(versionOf);
  versions.unshift(`node ${process.versions.node}`);
  console.log(`\n${formatTable(measurements)}\n`);
  console.log(`${LANES} lanes at a time, ${Math.round(seconds)} s. Versions: ${versions.join(', ')}.`);
  if (!options.lanewayOnly)
    console.log(
      `OpenTelemetry's figures (${opentelemetryCalls(options.calls)} calls per client, without Laneway) are for comparison only.`,
    );
  const skipped = wanted.filter((client) => !measured.includes(client)).map(({ name }) => name);
  if (skipped.length > 0) console.log(`Not measured, because they need a newer Node: ${skipped.join(', ')}.`);
  for (const fault of formatFaults(measurements)) console.log(`! ${fault}`);
  console.log(
    passed ? 'Every lane was kept.' : 'NOT every lane was kept, or the run is not valid. See above.',
  );
  if (options.json !== undefined)
    writeFileSync(
      resolve(typedIn, options.json),
      `${JSON.stringify({ versions, lanes: LANES, seconds, passed, measurements }, null, 2)}\n`,
    );
  if (!passed) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`isolation: ${(error as Error).message}`);
  process.exitCode = 1;
}
