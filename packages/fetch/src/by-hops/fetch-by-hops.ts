import type { Carrier } from '@laneway/core';
import type { CallLane } from '@laneway/node-http';
import type { Fetch } from '../fetch-kind.js';
import { WebRequest } from './web-request.js';

/** A web fetch, whichever runtime's. */
type WebFetch = (input: unknown, init: object, ...more: unknown[]) => Promise<Response>;

const MOST_HOPS = 20; // Fetch Standard, HTTP-redirect fetch, step 7

/**
 * Calls a fetch in a lane that lets nobody decide about a hop: that of Bun and Deno, or one that somebody put in the place of another. It is
 * asked not to follow redirects; each hop is a call of its own, as the Fetch Standard has it, whose headers carry the lane if egress allows
 * its destination. So a mock sees the lane, and a cache that keys on headers does not share across lanes.
 *
 * @returns the response of the last hop, as the fetch gave it
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
  // The fetch has an error of its own for what is no request over HTTP.
  if (request === undefined) return call(...args);
  const attach = <C extends Carrier | undefined>(headers: C): C =>
    lanes.attach(headers as Carrier, { to: request.url, lane }) as C;

  try {
    let response = await call(...request.firstCall(attach), ...more);
    for (let hops = 1; await request.follow(response); hops++) {
      const isLast = hops > MOST_HOPS;
      // The runtime follows or refuses further hops; they carry no lane.
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

/** Says that a response, and what is cloned of it, is the answer to a redirected request. */
function markRedirected(response: Response): Response {
  const { clone: original } = response;
  const clone = (): Response => markRedirected(Reflect.apply(original, response, []));
  return Object.defineProperties(response, {
    redirected: { value: true, configurable: true },
    clone: { value: clone, configurable: true, writable: true },
  });
}
