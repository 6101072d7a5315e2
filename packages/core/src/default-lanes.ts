import { defineLanes } from './define-lanes.js';
import { type ConfigProblem, LanewayAdapterError, LanewayConfigError } from './errors.js';
import type { Lanes } from './lanes.js';
import { compilePolicy } from './policy/compiled-policy.js';
import type { LaneSources } from './policy/lane-sources.js';
import type { LanePolicy } from './policy/policy.js';
import type { Trust } from './policy/trust.js';
import { describeUncalled } from './uncalled-adapter.js';
import { wrongArgument } from './wrong-argument.js';

/** Environment variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

let shared: Lanes | undefined;

/**
 * Returns the lanes of this process, which adapters use by default. The first call creates them from the policy of
 * {@link policyFromEnvironment}.
 *
 * @throws {LanewayConfigError} when a `LANEWAY_*` variable is wrong
 */
export function defaultLanes(): Lanes {
  return (shared ??= lanesFromEnvironment(process.env));
}

/**
 * Returns the lanes that an adapter uses: those that it received, or those of the process.
 *
 * @param adapter the adapter's name, for the error
 * @throws {LanewayAdapterError} when `lanes` is something else, such as a policy
 */
export function lanesFor(adapter: string, lanes: Lanes | undefined): Lanes {
  if (lanes === undefined) return defaultLanes();
  if (typeof lanes?.capture === 'function' && typeof lanes.attach === 'function') return lanes;
  const uncalled = describeUncalled(adapter, lanes);
  if (uncalled !== undefined) throw new LanewayAdapterError(uncalled);
  throw wrongArgument(adapter, lanes, 'lanes', 'what defineLanes(policy) returns, or nothing');
}

/**
 * Reads a policy from environment variables. Lists are separated by commas.
 *
 * An empty list carries or allows nothing. `LANEWAY_TRUST` must not be empty.
 *
 * - `LANEWAY_KEY=version`
 * - `LANEWAY_HEADERS=version,appver*` and `LANEWAY_BAGGAGE=*`
 * - `LANEWAY_PROMOTE=x-mse-tag=x-mse-tag`
 * - `LANEWAY_EGRESS=*.prod.example,203.0.113.0/24`
 * - `LANEWAY_TRUST=10.0.0.0/8`, `all` or `none`
 * - `LANEWAY_SOURCES=cookie:lane,query:lane,auth:lane`
 * - `LANEWAY_PROPAGATOR_SENDS=true`
 *
 * Defaults: `LANEWAY_KEY` is `x-lane`, `LANEWAY_HEADERS` is the header that `LANEWAY_KEY` names, `LANEWAY_BAGGAGE` is `*`.
 *
 * @throws {LanewayConfigError} when `LANEWAY_PROMOTE` or `LANEWAY_SOURCES` is not a list of pairs, `LANEWAY_TRUST` is empty, or a switch is neither true nor false
 */
export function policyFromEnvironment(env: Environment): LanePolicy {
  const problems: ConfigProblem[] = [];
  const policy = readPolicy(env, problems);
  if (problems.length > 0) throw new LanewayConfigError(problems);
  return policy;
}

function readPolicy(env: Environment, problems: ConfigProblem[]): LanePolicy {
  const key = env.LANEWAY_KEY || 'x-lane';
  return {
    key,
    carry: {
      headers: readList(env.LANEWAY_HEADERS) ?? [key],
      baggage: readList(env.LANEWAY_BAGGAGE) ?? ['*'],
    },
    promote: readPairs(env.LANEWAY_PROMOTE, problems),
    egress: readList(env.LANEWAY_EGRESS) ?? [],
    trust: readTrust(env.LANEWAY_TRUST, problems),
    sources: readSources(env.LANEWAY_SOURCES, problems),
    propagatorSends: readSwitch(env.LANEWAY_PROPAGATOR_SENDS, problems),
  };
}

/**
 * Defines lanes with the policy of {@link policyFromEnvironment}.
 *
 * @throws {LanewayConfigError} when the policy is wrong; it names the variables
 */
export function lanesFromEnvironment(env: Environment): Lanes {
  const problems: ConfigProblem[] = [];
  const policy = readPolicy(env, problems);
  try {
    if (problems.length === 0) return defineLanes(policy);
    compilePolicy(policy);
  } catch (error) {
    if (!(error instanceof LanewayConfigError)) throw error;
    problems.push(...error.problems.map(nameVariables));
  }
  throw new LanewayConfigError(problems);
}

// The variable for each field of a policy.
const VARIABLES: Readonly<Record<string, string>> = {
  'carry.headers': 'LANEWAY_HEADERS',
  'carry.baggage': 'LANEWAY_BAGGAGE',
  promote: 'LANEWAY_PROMOTE',
  egress: 'LANEWAY_EGRESS',
  trust: 'LANEWAY_TRUST',
  sources: 'LANEWAY_SOURCES',
  key: 'LANEWAY_KEY',
};

// A variable cannot be a function.
const TRUST_REMEDY = 'Write all, none, or addresses and CIDR blocks separated by commas (10.0.0.0/8,::1).';

function nameVariables(problem: ConfigProblem): ConfigProblem {
  const named = (text: string): string =>
    Object.entries(VARIABLES).reduce(
      (done, [path, variable]) => done.replaceAll(new RegExp(`(?<![\\w.])${path}(?![\\w])`, 'g'), variable),
      text,
    );
  const remedy = problem.path.startsWith('trust') ? TRUST_REMEDY : named(problem.remedy);
  return { path: named(problem.path), message: problem.message, remedy };
}

function readList(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function readTrust(text: string | undefined, problems: ConfigProblem[]): Trust {
  const rules = readList(text) ?? ['all'];
  // `LANEWAY_TRUST=${GATEWAYS}` is empty when GATEWAYS is not set, and must not trust everyone.
  if (rules.length === 0)
    problems.push({
      path: 'LANEWAY_TRUST',
      message: 'is empty.',
      remedy: "Unset it to accept everyone's lanes, or write all, none or CIDR blocks (10.0.0.0/8).",
    });
  const [only] = rules;
  return rules.length === 1 && (only === 'all' || only === 'none') ? only : rules;
}

function readSwitch(text: string | undefined, problems: ConfigProblem[]): boolean {
  const value = text?.trim() || 'false';
  if (value !== 'true' && value !== 'false')
    problems.push({
      path: 'LANEWAY_PROPAGATOR_SENDS',
      message: `${JSON.stringify(value)} is not a switch.`,
      remedy: 'Write true or false.',
    });
  return value === 'true';
}

function readSources(text: string | undefined, problems: ConfigProblem[]): LaneSources {
  const pairs: [string, string][] = [];
  for (const item of readList(text) ?? []) {
    const colon = item.indexOf(':');
    if (colon !== -1) pairs.push([item.slice(0, colon), item.slice(colon + 1)]);
    else
      problems.push({
        path: 'LANEWAY_SOURCES',
        message: `${JSON.stringify(item)} is not a pair.`,
        remedy: 'Write cookie:name, query:name or auth:name, with commas between pairs.',
      });
  }
  return Object.fromEntries(pairs);
}

function readPairs(text: string | undefined, problems: ConfigProblem[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (const item of readList(text) ?? []) {
    const [key = '', header, rest] = item.split('=');
    if (header !== undefined && rest === undefined) pairs.push([key, header]);
    else
      problems.push({
        path: 'LANEWAY_PROMOTE',
        message: `${JSON.stringify(item)} is not a pair.`,
        remedy: 'Write key=header, with commas between pairs.',
      });
  }
  return Object.fromEntries(pairs);
}
