import type { Carrier } from '@laneway/core';
import type { CallLane } from '@laneway/node-http';
import type { Fetch } from '../fetch-kind.js';
import { WebRequest } from './web-request.js';

/** A fetch that follows the Fetch Standard. */
type WebFetch = (input: unknown, init: object, ...more: unknown[]) => Promise<Response>;

const MOST_HOPS = 20; // Fetch Standard, HTTP-redirect fetch, step 7

/**
 * Calls a fetch once for each hop, with the lane in the headers if egress allows the hop's destination.
 *
 * For a fetch that has no hook for each hop: that of Bun and Deno, a mock, or any other replacement. It does not follow redirects itself
 * (`redirect: 'manual'`); Laneway follows them after the Fetch Standard. A mock sees the lane in the headers, and a cache that keys on
 * headers does not share answers across lanes.
 *
 * @returns the response of the last hop
 */
export async function fetchByHops(
  fetch: Fetch,
  self: unknown,
  args: readonly unknown[],
  { lanes, lane }: CallLane,
): Promise<unknown> {
  const call = (...sent: readonly unknown[]): Promise<Response> =>
    Reflect.apply(fetch as unknown as WebFetch, self, sent);
  const [input, init, ...more] = args;
  const request = WebRequest.from(input, init);
  // Not an HTTP request: the original handles or rejects it.
  if (request === undefined) return call(...args);
  const attach = <C extends Carrier | undefined>(headers: C): C =>
    lanes.attach(headers as Carrier, { to: request.url, lane }) as C;

  try {
    let response = await call(...request.firstCall(attach), ...more);
    for (let hops = 1; await request.follow(response); hops++) {
      const isLast = hops > MOST_HOPS;
      // After 20 hops the original follows or rejects the others, without the lane.
      const options = isLast
        ? request.nextOptions(request.headers, 'follow')
        : request.nextOptions(attach(request.headers), 'manual');
      response = markRedirected(await call(request.url.href, options, ...more));
      if (isLast) break;
    }
    return response;
  } finally {
    request.end();
  }
}

/** Sets `redirected` to true on a response and on its clones. */
function markRedirected(response: Response): Response {
  const { clone: original } = response;
  const clone = (): Response => markRedirected(Reflect.apply(original, response, []));
  return Object.defineProperties(response, {
    redirected: { value: true, configurable: true },
    clone: { value: clone, configurable: true, writable: true },
  });
}
