import type { IncomingHttpHeaders } from 'node:http';
import { defineLanes, type Lanes } from '@laneway/core';
import type { LaneCarry } from './config.js';
import { LOOPBACK } from './ports.js';

/** Reads and writes the lane where it travels. */
export interface LaneTravel {
  /** The lane that is on a request. */
  read(headers: IncomingHttpHeaders): string | undefined;
  /** Puts a lane on a request, in place of the one that is there; other baggage stays as it is. */
  write(headers: IncomingHttpHeaders, lane: string): void;
}

/** The lane's place on a request, as the mesh file names it. */
export function createLaneTravel(carry: LaneCarry): LaneTravel {
  const inHeader = 'header' in carry;
  const key = inHeader ? carry.header : carry.baggage;
  const place = inHeader ? key : 'baggage';
  const lanes: Lanes = defineLanes({
    key,
    carry: inHeader ? { headers: [key] } : { baggage: ['*'] },
  });
  return {
    read: (headers) => lanes.capture(headers).name,
    write(headers, lane) {
      const dyed = lanes.capture({ [place]: headers[place] }).set(key, lane);
      // Attached to nothing: what is on the request would win over it.
      Object.assign(headers, lanes.attach({}, { to: LOOPBACK, lane: dyed }));
    },
  };
}
