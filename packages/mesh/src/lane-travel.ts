import type { IncomingHttpHeaders } from 'node:http';
import { defineLanes, type Lanes } from '@laneway/core';
import type { LaneCarry } from './config.js';
import { LOOPBACK } from './ports.js';

/** Reads and writes the lane of a request, in the header or baggage member that the mesh file names. */
export interface LaneTravel {
  /** Returns the name of the request's lane. */
  read(headers: IncomingHttpHeaders): string | undefined;
  /** Sets the lane of a request. Other baggage stays unchanged. */
  write(headers: IncomingHttpHeaders, lane: string): void;
}

/** Creates the reader and writer for the header or baggage member that the mesh file names. */
export function createLaneTravel(carry: LaneCarry): LaneTravel {
  const inHeader = 'header' in carry;
  const key = inHeader ? carry.header : carry.baggage;
  const header = inHeader ? key : 'baggage';
  const lanes: Lanes = defineLanes({
    key,
    carry: inHeader ? { headers: [key] } : { baggage: ['*'] },
  });
  return {
    read: (headers) => lanes.capture(headers).name,
    write(headers, lane) {
      const dyed = lanes.capture({ [header]: headers[header] }).set(key, lane);
      // Attach to an empty record: an entry that the request already has would win.
      Object.assign(headers, lanes.attach({}, { to: LOOPBACK, lane: dyed }));
    },
  };
}
