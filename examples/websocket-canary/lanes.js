import { defineLanes } from '@laneway/core';

/** Defined once per service. The mesh carries the lane as a baggage member, so carry all baggage. */
export const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
