import { isToken } from '../baggage/baggage-grammar.js';
import type { ConfigProblem } from '../errors.js';
import { isRecord } from './is-record.js';

/**
 * Where the lane may come from when the headers do not name one, in this order: `auth`, `query`, `cookie`. Each source is off unless it is
 * named.
 *
 * A source gives the value of the policy's key only. A value that is not one string, or not valid as the key's value, is dropped and
 * reported, and the next source is tried.
 */
export interface LaneSources {
  /** The name of a cookie. Of several cookies with that name, the first is used. @default no cookie is read */
  readonly cookie?: string;
  /** The name of a query parameter. It is used only if it occurs once. @default the query is not read */
  readonly query?: string;
  /** The name of a property of what a client sends to authenticate: `handshake.auth` of socket.io. @default `auth` is not read */
  readonly auth?: string;
}

/** The name of a source. */
export type LaneSource = keyof LaneSources;

/** The sources, in the order in which they are tried. */
export const SOURCES: readonly LaneSource[] = ['auth', 'query', 'cookie'];

/** The value of `lanes.policy.sources` when no source is named. */
export const NO_SOURCES: LaneSources = Object.freeze({});

/** Returns the sources that are named; `NO_SOURCES` when none is. A value that is not an object is kept for the check of the policy. */
export function namedSources(sources: LaneSources): LaneSources {
  if (!isRecord(sources)) return sources;
  const named = Object.entries(sources).filter(([, name]) => name !== undefined);
  return named.length === 0 ? NO_SOURCES : Object.fromEntries(named);
}

/** Returns the problems of the `sources` of a policy. */
export function checkSources(sources: unknown): ConfigProblem[] {
  if (!isRecord(sources))
    return [
      {
        path: 'sources',
        message: 'is not an object.',
        remedy: "Write { cookie: 'lane', query: 'lane', auth: 'lane' }, each of them only if you need it.",
      },
    ];
  return Object.entries(sources as object).flatMap(([source, name]) => {
    const problem = findProblem(source, name);
    return problem === undefined ? [] : [{ path: `sources.${source}`, ...problem }];
  });
}

function findProblem(source: string, name: unknown): Omit<ConfigProblem, 'path'> | undefined {
  if (!(SOURCES as readonly string[]).includes(source))
    return { message: 'is not a source.', remedy: `Write one of ${SOURCES.join(', ')}.` };
  const kind = { cookie: 'cookie', query: 'query parameter', auth: 'property' }[source as LaneSource];
  const remedy = `Write the name of the ${kind}, such as 'lane'.`;
  if (typeof name !== 'string' || name === '')
    return { message: `${JSON.stringify(name) ?? String(name)} is not a name.`, remedy };
  // RFC 6265, section 4.1.1
  if (source === 'cookie' && !isToken(name))
    return { message: `${JSON.stringify(name)} is not a token.`, remedy };
  return undefined;
}
