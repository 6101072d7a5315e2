import type { ClientRequest, OutgoingHttpHeaders } from 'node:http';
import { BASELINE, type Lanes } from '@laneway/core';

/**
 * Makes `getHeaders` of a request that is made in this moment tell the headers of the caller, without those of the lane. superagent sets
 * what it tells on the next hop, wherever that goes; `getHeader` goes on telling all.
 */
export function hideLane(request: ClientRequest, lanes: Lanes): void {
  const lane = lanes.current();
  const { getHeaders } = request;
  if (lane === BASELINE || typeof getHeaders !== 'function') return;
  const getOwn = (): OutgoingHttpHeaders => {
    const headers = getHeaders.call(request);
    const added = lanes.attach({}, { to: 'localhost', lane });
    for (const [name, value] of Object.entries(added))
      if (headers[name] === value) Reflect.deleteProperty(headers, name);
    return headers;
  };
  Object.defineProperty(request, 'getHeaders', { value: getOwn, configurable: true, writable: true });
}
