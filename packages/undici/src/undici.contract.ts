import * as undici7 from 'undici';
import * as undici6 from 'undici-6';
import * as undici6Lowest from 'undici-6-lowest';
import * as undici7Lowest from 'undici-7-lowest';
import { type EchoedRequest, headerLines, laneBaggage, loopbackLookup } from '@laneway/testing';

/** undici, as far as the tests use it; the types of the versions differ in what does not matter here. */
export type Undici = typeof undici7;

/** Whether this Node can load undici 8. */
export const hasUndici8: boolean = Number(process.versions.node.split('.')[0]) >= 22;

/** Bun has an `undici` of its own, whichever is installed: its fetch is Bun's, and its dispatchers dispatch nothing. */
export const hasRealUndici: boolean = 'dispatch' in undici7.Agent.prototype;

/** Every undici, at the lowest and at the highest version of each major. */
export const undicis: readonly (readonly [name: string, undici: Undici])[] = [
  ['undici 6.0', undici6Lowest as never],
  ['undici 6', undici6 as never],
  ['undici 7.0', undici7Lowest as never],
  ...(hasRealUndici ? ([['undici 7', undici7]] as const) : []),
  ...(hasUndici8
    ? ([
        ['undici 8.0', (await import('undici-8-lowest')) as never],
        ['undici 8', (await import('undici-8')) as never],
      ] as const)
    : []),
];

/** What makes dispatchers resolve every name to this machine. */
export const CONNECT: { lookup: typeof loopbackLookup } = { lookup: loopbackLookup };

/** One call of `request`, read to its end. */
export async function readRequest(
  dispatcher: undici7.Dispatcher,
  url: string,
  options: object = {},
): Promise<{ status: number; body: string }> {
  const { origin, pathname, search } = new URL(url);
  const { statusCode, body } = await dispatcher.request({
    origin,
    path: pathname + search,
    method: 'GET',
    ...options,
  });
  return { status: statusCode, body: await body.text() };
}

/** One call of `request` to a server that echoes it. */
export async function echoRequest(
  dispatcher: undici7.Dispatcher,
  url: string,
  options: object = {},
): Promise<EchoedRequest> {
  return JSON.parse((await readRequest(dispatcher, url, options)).body) as EchoedRequest;
}

/** The lane that a request came with: the lines of its header, and those of its baggage. */
export function linesOf(seen: EchoedRequest): string[][] {
  return [headerLines(seen, 'version'), headerLines(seen, 'baggage')];
}

/** The lane `v2` as {@link linesOf} sees it, and none. */
export const LANED: string[][] = [['v2'], [laneBaggage('v2')]];
export const NONE: string[][] = [[], []];

/** An agent with one connection for each origin, on which requests wait: a pool, which creates what waits late. */
export function poolAgent({ Agent, Pool }: Undici, options: object = {}): undici7.Agent {
  return new Agent({
    ...options,
    factory: (origin, own) => new Pool(origin, Object.assign({}, own, { connect: CONNECT, connections: 1 })),
  });
}
