import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { findRuntime } from '../support/runtimes/runtimes.js';
import { parseOptions, usage } from './options.js';
import { formatReport, isGreen } from './report.js';
import { nothing, runTests } from './suite.js';

const progress = (line) => console.log(`== ${line}`);

async function runOn(name, paths) {
  let runtime;
  try {
    runtime = findRuntime(name, progress);
  } catch (error) {
    const trouble = `${error.message}. To leave it out, pass the names of the other runtimes to --only`;
    return { ...nothing, name, version: '-', trouble };
  }
  progress(`${name} (${runtime.version})`);
  return runTests(runtime, paths);
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return;
  }
  progress('build');
  execFileSync('npm', ['run', '--silent', 'build'], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    stdio: 'inherit',
  });
  const outcomes = [];
  for (const name of options.only) outcomes.push(await runOn(name, options.paths));
  console.log(`\n${formatReport(outcomes)}`);
  if (!outcomes.every(isGreen)) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`test:matrix: ${error.message}`);
  process.exitCode = 1;
}
