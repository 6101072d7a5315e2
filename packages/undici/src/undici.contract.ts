import type { Dispatcher } from 'undici';
import * as undici7 from 'undici';
import * as undici6 from 'undici-6';
import * as undici6Lowest from 'undici-6-lowest';
import * as undici7Lowest from 'undici-7-lowest';
import { type EchoedRequest, headerLines, laneBaggage, loopbackLookup } from '@laneway/testing';

/** The exports of undici. The types of its versions differ only where these tests don't look. */
export type Undici = typeof undici7;

/** Whether this Node can load undici 8. */
export const hasUndici8: boolean = Number(process.versions.node.split('.')[0]) >= 22;

/** False in Bun, which replaces the installed undici: `fetch` is Bun's, and dispatchers send nothing. */
export const hasRealUndici: boolean = 'dispatch' in undici7.Agent.prototype;

/** The lowest and the highest version of each major of undici. */
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

/** The option `connect` that resolves every name to loopback. */
export const CONNECT: { lookup: typeof loopbackLookup } = { lookup: loopbackLookup };

/** Calls `request` and reads the whole body. */
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

/** Calls `request` on a server that echoes it, and returns the echo. */
export async function echoRequest(
  dispatcher: undici7.Dispatcher,
  url: string,
  options: object = {},
): Promise<EchoedRequest> {
  return JSON.parse((await readRequest(dispatcher, url, options)).body) as EchoedRequest;
}

/** Returns the header lines `version` and `baggage` of a request. */
export function linesOf(seen: EchoedRequest): string[][] {
  return [headerLines(seen, 'version'), headerLines(seen, 'baggage')];
}

/** The lane `v2`, and no lane, as {@link linesOf} returns them. */
export const V2: string[][] = [['v2'], [laneBaggage('v2')]];
export const NONE: string[][] = [[], []];

/** Returns an agent with one connection for each origin, so that requests wait in its pool. */
export function poolAgent({ Agent, Pool }: Undici, options: object = {}): undici7.Agent {
  return new Agent({
    ...options,
    factory: (origin, defaults) =>
      new Pool(origin, Object.assign({}, defaults, { connect: CONNECT, connections: 1 })),
  });
}

/** An interceptor that dispatches later, as one that gets a token does. */
export const wait: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  setImmediate(() => dispatch(options, handler));
  return true;
};
