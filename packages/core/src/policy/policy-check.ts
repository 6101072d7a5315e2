import { isToken } from '../baggage/baggage-grammar.js';
import { checkEgressRule } from './egress.js';
import { type ConfigProblem, LanewayConfigError } from '../errors.js';
import { checkSources } from './lane-sources.js';
import { isRecord } from './is-record.js';
import { matchName, parseNameRules } from './name-matcher.js';
import type { LanePolicy } from './policy.js';
import { checkTrust } from './trust-check.js';

/**
 * Headers that describe one connection or one message (RFC 9110, sections 6 to 8; RFC 9112; RFC 7540, section 3.2.1). They would break an
 * outgoing request, so no rule may name them and no pattern matches them.
 */
const FRAMING: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a header may be carried. Not `baggage`, which has its own rule, nor the pseudo headers of HTTP/2. */
export function isCarriableHeader(name: string): boolean {
  return name !== 'baggage' && name !== PROTO && !FRAMING.has(name) && !name.startsWith(':');
}

// An assignment to `__proto__` would set the prototype of a record.
const PROTO = '__proto__';

const FIELDS: readonly string[] = [
  'key',
  'carry',
  'promote',
  'egress',
  'trust',
  'sources',
  'propagatorSends',
];
const CARRY_FIELDS: readonly string[] = ['headers', 'baggage'];

/** @throws {LanewayConfigError} when `given` is not an object, for example `null` */
export function checkIsPolicy(given: unknown): void {
  if (isRecord(given)) return;
  const kind = Array.isArray(given) ? 'a list' : given === null ? 'null' : `a ${typeof given}`;
  throw new LanewayConfigError([
    { path: 'policy', message: `${kind} is not a policy.`, remedy: "Write an object: { key: 'version' }." },
  ]);
}

/**
 * Checks a policy.
 *
 * @param given the policy that the user passed
 * @param policy the same policy with all defaults
 * @throws {LanewayConfigError} with every problem at once
 */
export function checkPolicy(given: LanePolicy, policy: Required<LanePolicy>): void {
  const problems = [
    ...findUnknown('', Object.keys(given), FIELDS),
    ...findUnknown('carry.', isRecord(policy.carry) ? Object.keys(policy.carry) : [], CARRY_FIELDS),
    ...findProblems(policy),
  ];
  if (problems.length > 0) throw new LanewayConfigError(problems);
}

function findUnknown(path: string, names: readonly string[], known: readonly string[]): ConfigProblem[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: path + name,
      message: 'is not a field of a policy.',
      remedy: `Write one of ${known.map((field) => path + field).join(', ')}.`,
    }));
}

function findProblems(policy: Required<LanePolicy>): ConfigProblem[] {
  const shape = findShapeProblems(policy);
  if (shape.length > 0) return shape;
  const { key, carry, promote, egress } = policy;
  const problems: ConfigProblem[] = [];
  const add = (path: string, message: string, remedy: string): void =>
    void problems.push({ path, message, remedy });

  carry.headers?.forEach((name, index) => {
    const path = `carry.headers[${index}]`;
    if (name === '*')
      add(path, 'carries every header, credentials included.', 'Name the headers that carry the lane.');
    else checkName(path, name, add);
    if (name.toLowerCase() === 'baggage')
      add(path, 'names baggage, which is merged per key.', 'Use carry.baggage.');
    else if (name === PROTO)
      add(path, 'names __proto__, which cannot be a header in JavaScript objects.', 'Choose another name.');
    else if (!isCarriableHeader(name.toLowerCase()))
      add(path, `names ${name}, which belongs to one connection or message.`, 'Leave it out.');
  });
  carry.baggage?.forEach((name, index) => {
    if (name !== '*') checkName(`carry.baggage[${index}]`, name, add);
  });
  if (!isToken(key))
    add('key', `${JSON.stringify(key)} is not a token.`, 'Use letters, digits and -_.~ only.');
  else if (!isCarried(policy, key))
    add('key', `${JSON.stringify(key)} is not carried.`, 'Add it to carry.headers or carry.baggage.');
  for (const [member, header] of Object.entries(promote)) {
    const path = `promote[${JSON.stringify(member)}]`;
    if (!isToken(member)) add(path, 'is not a baggage key.', 'Use letters, digits and -_.~ only.');
    if (!isToken(header) || !isCarriableHeader(header.toLowerCase()))
      add(path, `${JSON.stringify(header)} cannot be promoted to.`, 'Name a header such as x-lane.');
  }
  egress.forEach((rule, index) => {
    const message = checkEgressRule(rule);
    if (message !== undefined)
      add(
        `egress[${index}]`,
        `${JSON.stringify(rule)} ${message}`,
        'Write a host, *.host, an address or a CIDR block.',
      );
  });
  return [...problems, ...checkTrust(policy.trust), ...checkSources(policy.sources)];
}

function findShapeProblems(policy: Required<LanePolicy>): ConfigProblem[] {
  const { headers = [], baggage = [] } = policy.carry ?? {};
  const lists = {
    'carry.headers': headers,
    'carry.baggage': baggage,
    egress: policy.egress,
    'values of promote': Object.values(policy.promote ?? {}),
  };
  const problems: ConfigProblem[] = [];
  if (!isRecord(policy.carry))
    problems.push({
      path: 'carry',
      message: 'is not an object.',
      remedy: "Write { headers: ['name'], baggage: ['*'] } or leave it out.",
    });
  for (const [path, list] of Object.entries(lists)) {
    if (!Array.isArray(list) || !list.every((item) => typeof item === 'string'))
      problems.push({
        path,
        message: 'is not a list of strings.',
        remedy: "Write ['name'] or leave it out.",
      });
  }
  if (!isRecord(policy.promote))
    problems.push({ path: 'promote', message: 'is not an object.', remedy: "Write { key: 'header' }." });
  if (typeof policy.key !== 'string')
    problems.push({
      path: 'key',
      message: 'is not a string.',
      remedy: "Write the name of the header or baggage member that names the lane: 'version'.",
    });
  if (typeof policy.propagatorSends !== 'boolean')
    problems.push({
      path: 'propagatorSends',
      message: `${JSON.stringify(policy.propagatorSends)} is not a boolean.`,
      remedy: 'Write true or false, or leave it out.',
    });
  return problems;
}

function checkName(
  path: string,
  name: string,
  add: (path: string, message: string, remedy: string) => void,
): void {
  const bare = name.endsWith('*') ? name.slice(0, -1) : name.startsWith('*') ? name.slice(1) : name;
  if (bare.includes('*') || !isToken(bare))
    add(
      path,
      `${JSON.stringify(name)} is not a name.`,
      'Write a name, a prefix (appver*) or a suffix (*-lane).',
    );
}

function isCarried({ carry }: Required<LanePolicy>, key: string): boolean {
  const headers = matchName(parseNameRules((carry.headers ?? []).map((name) => name.toLowerCase())));
  const baggage = matchName(parseNameRules(carry.baggage ?? []));
  return headers(key.toLowerCase()) || baggage(key);
}
