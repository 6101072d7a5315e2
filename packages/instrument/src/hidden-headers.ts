import type { ClientRequest, OutgoingHttpHeaders } from 'node:http';
import { BASELINE, type Lanes } from '@laneway/core';

/**
 * Makes `getHeaders` of a request omit the headers of the current lane. superagent copies what `getHeaders` returns to the next hop of a
 * redirect, whatever its destination. `getHeader` still returns them.
 */
export function hideLane(request: ClientRequest, lanes: Lanes): void {
  const lane = lanes.current();
  const { getHeaders } = request;
  if (lane === BASELINE || typeof getHeaders !== 'function') return;
  const getVisible = (): OutgoingHttpHeaders => {
    const headers = getHeaders.call(request);
    const added = lanes.attach({}, { to: 'localhost', lane });
    for (const [name, value] of Object.entries(added))
      if (headers[name] === value) Reflect.deleteProperty(headers, name);
    return headers;
  };
  Object.defineProperty(request, 'getHeaders', { value: getVisible, configurable: true, writable: true });
}
