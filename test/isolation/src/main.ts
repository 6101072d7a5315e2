import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { clients } from './clients/index.js';
import { measure, type Measurement } from './measure.js';
import { parseOptions, usage } from './options.js';
import { LANES } from './plan.js';
import { formatFaults, formatProgress, formatTable, passes } from './report.js';
import { opentelemetryPackages, versionOf } from './versions.js';
import type { WayName } from './way.js';

const OPENTELEMETRY_CALLS = 2000;
const WAYS: readonly WayName[] = ['wrapped', 'opentelemetry'];
const nodeMajor = Number(process.versions.node.split('.')[0]);
// Paths are meant from where the user typed them; npm runs scripts in the package's folder.
const typedIn = process.env['INIT_CWD'] ?? process.cwd();

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) return console.log(usage);
  const wanted = clients.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const skipped = wanted.filter(({ minNode = 0 }) => minNode > nodeMajor);
  const measurements: Measurement[] = [];
  const started = performance.now();

  for (const client of wanted.filter((one) => !skipped.includes(one))) {
    for (const way of WAYS) {
      const calls = way === 'opentelemetry' ? Math.min(options.calls, OPENTELEMETRY_CALLS) : options.calls;
      const measured = await measure(client, way, calls, (share) => {
        if (process.stderr.isTTY)
          process.stderr.write(`\r\u001B[K  ${client.name}, ${way}: ${Math.round(share * 100)}%`);
      });
      measurements.push(measured);
      if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
      console.error(`  ${formatProgress(measured)}`);
    }
  }

  const versions = Object.fromEntries([
    ['node', process.versions.node],
    ...wanted.flatMap((client) =>
      client.package === undefined ? [] : [[client.name, versionOf(client.package)]],
    ),
    ...opentelemetryPackages.map((name) => [name, versionOf(name)]),
  ]) as Record<string, string>;
  const seconds = (performance.now() - started) / 1000;
  const passed = passes(measurements);
  console.log(`\n${formatTable(measurements)}\n`);
  console.log(
    `${LANES} lanes at a time, ${Math.round(seconds)} s. ` +
      Object.entries(versions)
        .map((pair) => pair.join(' '))
        .join(', '),
  );
  console.log(
    `OpenTelemetry: its own figures, of ${OPENTELEMETRY_CALLS} calls for each client, with no part in the result.`,
  );
  for (const { name, minNode } of skipped) console.log(`${name}: not measured, it needs Node ${minNode}.`);
  for (const fault of formatFaults(measurements)) console.log(`! ${fault}`);
  console.log(
    passed ? 'Every lane was kept.' : 'NOT every lane was kept, or the run does not prove it: see above.',
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
