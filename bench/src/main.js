/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkBuilds } from './runner/builds.js';
import { chains, pickVariants } from './runner/chains.js';
import { measureCodec, measureGrowth, measureInProcess } from './runner/codec.js';
import { findNode24, runningNode } from './runner/nodes.js';
import { parseOptions, usage } from './runner/options.js';
import {
  formatChain,
  formatCodec,
  formatGroup,
  formatGrowth,
  formatInProcess,
  formatSockets,
} from './runner/report.js';
import { measureChain } from './runner/rounds.js';
import { measureSockets } from './runner/sockets.js';

const plans = {
  quick: {
    generations: 1,
    warmUpSeconds: 1.3,
    seconds: 3.4,
    callsPerSlice: 600,
    rareEvery: 5,
    codecSeconds: 1.5,
  },
  full: {
    generations: 4,
    warmUpSeconds: 3,
    seconds: 8,
    callsPerSlice: 1500,
    rareEvery: 1,
    codecSeconds: 6,
  },
};

// A group has many chains, so each gets fewer processes and less time.
const rowPlan = { ...plans.full, generations: 2, warmUpSeconds: 1.6, seconds: 2.4, callsPerSlice: 300 };

// Resolve paths from the user's folder: npm runs scripts in the package's folder.
const typedIn = process.env.INIT_CWD ?? process.cwd();

const progress = (line) => console.error(`  ${line}`);

/** Measures the selected parts on one Node, prints the tables and returns the medians. */
async function measureOn(node, options) {
  const { quick, traffic, rounds } = options;
  const plan = quick ? plans.quick : plans.full;
  const reference = node.freeContext ? 'by-hand' : 'by-hand-in-run';
  const medians = { node: node.version, ratios: {}, cpu: {}, nanoseconds: {} };
  console.log(`Node ${node.version}\n`);

  const groups = new Map();
  for (const chain of chains) {
    if (!options.only.includes(chain.name)) continue;
    const { variants: names, profiles } = options;
    const asRow = options.rows.includes(chain.name);
    const picked = pickVariants(chain, { quick, freeContext: node.freeContext, asRow, names });
    const chainPlan = { ...(asRow && !quick ? rowPlan : plan), rounds };
    const figures = await measureChain(picked, chainPlan, { node: node.path, traffic, profiles, progress });
    if (asRow) groups.set(chain.group, [...(groups.get(chain.group) ?? []), { chain, figures }]);
    else console.log(`${formatChain(picked, figures)}\n`);
    medians.ratios[chain.name] = collectRatios(figures, reference);
    medians.cpu[chain.name] = collectCpu(figures);
  }

  for (const [group, measured] of groups) console.log(`${formatGroup(group, measured)}\n`);

  if (options.only.includes('capture-attach')) {
    const result = await measureCodec({ node: node.path, seconds: plan.codecSeconds, progress });
    console.log(`${formatCodec(result)}\n`);
    medians.nanoseconds['capture-attach'] = {
      laneway: round(result.laneway.median, 1),
      opentelemetry: round(result.opentelemetry.median, 1),
    };
  }
  if (options.only.includes('in-process')) {
    const rows = await measureInProcess({ node: node.path, seconds: plan.codecSeconds, progress });
    console.log(`${formatInProcess(rows)}\n`);
  }
  if (options.only.includes('growth')) {
    const rows = await measureGrowth({ node: node.path, seconds: plan.codecSeconds, progress });
    console.log(`${formatGrowth(rows)}\n`);
  }
  if (options.only.includes('sockets')) {
    const figures = await measureSockets({ ...options, node: node.path, progress });
    console.log(`${formatSockets(figures)}\n`);
    medians.sockets = figures;
  }
  return medians;
}

/** Requests per second of the libraries relative to the reference, with a lane. */
function collectRatios(figures, reference) {
  return Object.fromEntries(
    figures
      .filter(({ variant, traffic }) => variant.library && traffic.withLane)
      .map(({ variant, ratios }) => [variant.name, round(ratios.get(reference).throughput.median, 3)]),
  );
}

/** By traffic and variant: CPU time per request, and relative to each other variant with quartiles. */
function collectCpu(figures) {
  const cpu = {};
  for (const { variant, traffic, cpuPerRequest, ratios } of figures) {
    cpu[traffic.name] ??= {};
    const to = [...ratios]
      .filter(([name]) => name !== variant.name)
      .map(([name, { cpu: ratio }]) => [
        name,
        { median: round(ratio.median, 3), low: round(ratio.low, 3), high: round(ratio.high, 3) },
      ]);
    cpu[traffic.name][variant.name] = {
      microseconds: round(cpuPerRequest, 1),
      to: Object.fromEntries(to),
    };
  }
  return cpu;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return;
  }
  const withLaneway = (!options.variants || options.variants.includes('laneway')) && options.only.length > 0;
  if (withLaneway) checkBuilds();
  const running = runningNode();
  const node24 = findNode24(progress);
  const medians = await measureOn(node24 ?? running, options);
  if (options.json) writeFileSync(resolve(typedIn, options.json), `${JSON.stringify(medians, null, 2)}\n`);
  // A group has many rows, so measure them on one Node only.
  const only = options.only.filter((part) => !options.rows.includes(part));
  if (!options.quick && node24 && !running.freeContext && only.length > 0) {
    await measureOn(running, { ...options, only });
  }
  console.log('How to read these figures: bench/README.md');
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
