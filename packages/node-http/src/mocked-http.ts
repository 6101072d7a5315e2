import http from 'node:http';

/**
 * Returns whether a mock that is made with `@mswjs/interceptors` (msw, nock) stands in for `node:http` at this moment.
 *
 * Such a mock passes an agent of its own to each request, so the agent of the call is not asked. The lane must then be in the headers
 * of the call, where the mock sees it.
 */
export function isHttpMocked(): boolean {
  // The mock replaces the class, whose prototype still names the original.
  return http.ClientRequest !== http.ClientRequest.prototype.constructor;
}
