/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkBuilds } from './runner/builds.js';
import { chains, pickVariants } from './runner/chains.js';
import { measureCodec, measureGrowth } from './runner/codec.js';
import { findNode24, runningNode } from './runner/nodes.js';
import { parseOptions, usage } from './runner/options.js';
import { formatChain, formatCodec, formatGroup, formatGrowth } from './runner/report.js';
import { measureChain } from './runner/rounds.js';

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

// A group has many chains, so start fewer processes for each.
const groupPlan = { ...plans.full, generations: 2, seconds: 6 };

// Resolve paths from the user's folder: npm runs scripts in the package's folder.
const typedIn = process.env.INIT_CWD ?? process.cwd();

const progress = (line) => console.error(`  ${line}`);

/** Measures the selected parts on one Node, prints the tables and returns the medians. */
async function measureOn(node, options) {
  const plan = options.quick ? plans.quick : plans.full;
  const reference = node.freeContext ? 'by-hand' : 'by-hand-in-run';
  const medians = { node: node.version, ratios: {}, nanoseconds: {} };
  console.log(`Node ${node.version}\n`);

  const groups = new Map();
  for (const chain of chains) {
    if (!options.only.includes(chain.name)) continue;
    const { quick, variants: names, profiles } = options;
    const picked = pickVariants(chain, { quick, freeContext: node.freeContext, names });
    const chainPlan = chain.group && !quick ? groupPlan : plan;
    const figures = await measureChain(picked, chainPlan, { node: node.path, profiles, progress });
    if (chain.group === undefined) console.log(`${formatChain(picked, figures)}\n`);
    else groups.set(chain.group, [...(groups.get(chain.group) ?? []), { chain, figures }]);
    medians.ratios[chain.name] = Object.fromEntries(
      figures
        .filter(({ variant }) => variant.library)
        .map(({ variant, ratios }) => [variant.name, round(ratios.get(reference).throughput.median, 3)]),
    );
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
  if (options.only.includes('growth')) {
    const rows = await measureGrowth({ node: node.path, seconds: plan.codecSeconds, progress });
    console.log(`${formatGrowth(rows)}\n`);
  }
  return medians;
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
  if (!options.quick && node24 && !running.freeContext) await measureOn(running, options);
  console.log('How to read these figures: bench/README.md');
}

try {
  await main();
} catch (error) {
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}
