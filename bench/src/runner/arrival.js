/**
 * Sends requests through a service, with a different lane on every connection and without one, all at once, and compares what the
 * upstream saw with what was sent.
 *
 * @param {object} parts
 * @param {import('./chains.js').Chain} parts.chain
 * @param {import('./chains.js').Variant} parts.variant
 * @param {string[]} parts.targets the load's names for the connections to the service
 * @param {import('./children.js').Child} parts.load
 * @param {import('./children.js').Child} parts.upstream
 * @returns {Promise<Record<string, string>>} by traffic, for the report: `arrives`, `does not arrive`, or how many did; `none` or how
 * many requests without a lane arrived with one
 * @throws {Error} when the lane must arrive and does not, or arrives where none was sent
 */
export async function checkArrival({ chain, variant, targets, load, upstream }) {
  await upstream.ask({ record: true });
  const { sent } = await load.ask({ command: 'probe', targets });
  const { seen } = await upstream.ask({ record: false });

  const lanes = sent.filter((lane) => lane !== null);
  const arrived = countArrived(lanes, seen);
  const withoutLane = sent.length - lanes.length;
  const leaked = Math.max(0, withoutLane - seen.filter((values) => values.length === 0).length);
  const rightLanes = arrived === lanes.length && leaked === 0 && seen.length === sent.length;
  if (variant.mustArrive && !rightLanes) {
    const other = seen.find((values) => !isSent(values, sent));
    const example = other ? `The upstream saw, for example, ${JSON.stringify(other)}. ` : '';
    throw new Error(
      `${chain.title}, ${variant.title}: ${arrived} of ${lanes.length} lanes arrived at the upstream unchanged, and ${leaked} of ` +
        `${withoutLane} requests without a lane arrived with one, so there is nothing to measure. ${example}` +
        'Fix the adapter first; run its contract tests to see what is wrong.',
    );
  }
  return {
    'with-lane': describeArrival(arrived, lanes.length),
    'without-lane': leaked === 0 ? 'none' : `${leaked} of ${withoutLane} arrive with one`,
  };
}

function describeArrival(arrived, sent) {
  if (arrived === sent) return 'arrives';
  return arrived === 0 ? 'does not arrive' : `${arrived} of ${sent} arrive`;
}

function isSent(values, sent) {
  return values.length === 0 || (values.length === 1 && sent.includes(values[0]));
}

/** Counts the sent lanes that arrived as the only `baggage` header of a request. */
function countArrived(lanes, seen) {
  const open = new Map();
  for (const lane of lanes) open.set(lane, (open.get(lane) ?? 0) + 1);
  let arrived = 0;
  for (const values of seen) {
    const left = values.length === 1 ? (open.get(values[0]) ?? 0) : 0;
    if (left === 0) continue;
    open.set(values[0], left - 1);
    arrived += 1;
  }
  return arrived;
}
