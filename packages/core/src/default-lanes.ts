import { defineLanes } from './define-lanes.js';
import { type ConfigProblem, LanewayConfigError } from './errors.js';
import type { Lanes } from './lanes.js';
import type { LanePolicy } from './policy.js';

let shared: Lanes | undefined;

/**
 * The lanes of this process, which adapters use when they are handed none. Made when first asked for, from
 * {@link policyFromEnvironment}.
 *
 * @throws {LanewayConfigError} when a `LANEWAY_*` variable is wrong
 */
export function defaultLanes(): Lanes {
  return (shared ??= defineLanes(policyFromEnvironment(process.env)));
}

/**
 * Reads a policy from environment variables; lists are separated by commas.
 *
 * - `LANEWAY_KEY=version`
 * - `LANEWAY_HEADERS=version,appver*` and `LANEWAY_BAGGAGE=*`
 * - `LANEWAY_PROMOTE=x-mse-tag=x-mse-tag`
 * - `LANEWAY_EGRESS=*.prod.example,203.0.113.0/24`
 *
 * Without `LANEWAY_HEADERS` the header of `LANEWAY_KEY` is carried, `x-lane` when that is not set either; without
 * `LANEWAY_BAGGAGE` all of it is.
 *
 * @throws {LanewayConfigError} when `LANEWAY_PROMOTE` is not a list of pairs
 */
export function policyFromEnvironment(env: Readonly<Record<string, string | undefined>>): LanePolicy {
  const key = env.LANEWAY_KEY || 'x-lane';
  return {
    key,
    carry: {
      headers: readList(env.LANEWAY_HEADERS) ?? [key],
      baggage: readList(env.LANEWAY_BAGGAGE) ?? ['*'],
    },
    promote: readPairs(env.LANEWAY_PROMOTE),
    egress: readList(env.LANEWAY_EGRESS) ?? [],
  };
}

function readList(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readPairs(text: string | undefined): Record<string, string> {
  const problems: ConfigProblem[] = [];
  const pairs = (readList(text) ?? []).map((item): [string, string] => {
    const [key = '', header, rest] = item.split('=');
    if (header === undefined || rest !== undefined)
      problems.push({
        path: 'LANEWAY_PROMOTE',
        message: `${JSON.stringify(item)} is no pair.`,
        remedy: 'Write key=header, with commas between pairs.',
      });
    return [key, header ?? ''];
  });
  if (problems.length > 0) throw new LanewayConfigError(problems);
  return Object.fromEntries(pairs);
}
