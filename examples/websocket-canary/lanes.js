import { defineLanes } from '@laneway/core';

/** Once per service: the mesh carries the lane as a baggage member, so all baggage is carried. */
export const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
