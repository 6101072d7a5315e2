import type { Lanes } from '@laneway/core';

const warned = new WeakSet<Lanes>();

/** Warns, once for each `second`, that two adapters with different lanes handle one request and that the first decides. */
export function warnOfSecondLanes(first: Lanes, second: Lanes): void {
  if (warned.has(second)) return;
  warned.add(second);
  if (describePolicy(first) === describePolicy(second)) return;
  process.emitWarning(
    `Two adapters with different lanes handle one request. The first decides (key ${JSON.stringify(first.policy.key)}), ` +
      `the second (key ${JSON.stringify(second.policy.key)}) is ignored. Pass the same lanes to every adapter: ` +
      'defineLanes(one, other) merges two policies.',
    { type: 'LanewayWarning', code: 'LANEWAY_SECOND_LANES' },
  );
}

function describePolicy({ policy }: Lanes): string {
  const { key, carry, promote, egress, trust } = policy;
  return JSON.stringify([key, carry, promote, egress, typeof trust === 'function' ? 'function' : trust]);
}
