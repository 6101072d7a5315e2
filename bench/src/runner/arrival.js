/**
 * Sends lanes through a service, a different one on every connection, and compares what the upstream saw with what was sent.
 *
 * @param {object} parts
 * @param {import('./chains.js').Chain} parts.chain
 * @param {import('./chains.js').Variant} parts.variant
 * @param {import('./children.js').Child} parts.load
 * @param {import('./children.js').Child} parts.upstream
 * @returns {Promise<string>} for the report: `arrives`, `does not arrive`, or how many did
 * @throws {Error} when the lane must arrive and does not
 */
export async function checkArrival({ chain, variant, load, upstream }) {
  await upstream.ask({ record: true });
  const { sent } = await load.ask({ command: 'probe', target: variant.name });
  const { seen } = await upstream.ask({ record: false });

  const arrived = countArrived(sent, seen);
  if (arrived === sent.length && seen.length === sent.length) return 'arrives';
  if (variant.mustArrive) {
    throw new Error(
      `${chain.title}, ${variant.title}: ${arrived} of ${sent.length} lanes arrived at the upstream unchanged, so there is ` +
        `nothing to measure. It saw, for example, ${JSON.stringify(seen.find(([value]) => !sent.includes(value)) ?? [])}. ` +
        'Mend the adapter first; its contract suite says what is wrong.',
    );
  }
  return arrived === 0 ? 'does not arrive' : `${arrived} of ${sent.length} arrive`;
}

/** How many of the lanes that were sent are the one `baggage` header of a request that arrived. */
function countArrived(sent, seen) {
  const open = new Map();
  for (const lane of sent) open.set(lane, (open.get(lane) ?? 0) + 1);
  let arrived = 0;
  for (const values of seen) {
    const left = values.length === 1 ? (open.get(values[0]) ?? 0) : 0;
    if (left === 0) continue;
    open.set(values[0], left - 1);
    arrived += 1;
  }
  return arrived;
}
