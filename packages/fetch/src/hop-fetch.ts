import type { CallLane } from '@laneway/node-http';
import type { Fetch } from './lane-fetch.js';
import { WebRequest } from './web-request.js';

/** A web fetch, whichever runtime's. */
type WebFetch = (input: unknown, init: object, ...more: unknown[]) => Promise<Response>;

const MOST_HOPS = 20; // Fetch Standard, HTTP-redirect fetch, step 7

/**
 * Calls a web fetch in a lane. It is told not to follow redirects, and each hop is made here, as the Fetch Standard has it, so that
 * egress decides about each: a fetch that follows by itself would hand the lane on to strangers.
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
  // It goes nowhere over HTTP, or is nothing that a fetch takes, which has an error of its own for it.
  if (request === undefined) return call(...args);
  const attached = (): Headers => lanes.attach(request.headers, { to: request.url, lane });

  try {
    let response = await call(input, request.firstOptions(attached()), ...more);
    for (let hops = 1; await request.follow(response); hops++) {
      const isLast = hops > MOST_HOPS;
      // That many, and more, are for the runtime to follow or to refuse. It goes on without us, and so without the lane.
      const options = isLast
        ? request.nextOptions(request.headers, 'follow')
        : request.nextOptions(attached(), 'manual');
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
