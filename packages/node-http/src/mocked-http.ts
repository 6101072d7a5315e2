import http from 'node:http';

/**
 * Whether a mock that uses `@mswjs/interceptors` (msw, nock) currently replaces `node:http`.
 *
 * Such a mock passes another agent to each request, so the agent of the call is not used. The lane must then be in the headers of the call.
 */
export function isHttpMocked(): boolean {
  // The mock replaces the class, but `prototype.constructor` is still the original.
  return http.ClientRequest !== http.ClientRequest.prototype.constructor;
}
