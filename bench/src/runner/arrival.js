/**
 * Sends lanes through a service, a different one on every connection, and compares them with those that arrive at the upstream.
 *
 * @param {object} parts
 * @param {import('./chains.js').Chain} parts.chain
 * @param {import('./chains.js').Variant} parts.variant
 * @param {import('./children.js').Child} parts.load
 * @param {import('./children.js').Child} parts.upstream
 * @returns {Promise<string>} for the report: `arrives`, `does not arrive`, or how many lanes arrived
 * @throws {Error} when the lane must arrive but does not
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
        'Fix the adapter first; run its contract tests to see what is wrong.',
    );
  }
  return arrived === 0 ? 'does not arrive' : `${arrived} of ${sent.length} arrive`;
}

/** Counts the sent lanes that arrived as the only `baggage` header of a request. */
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
