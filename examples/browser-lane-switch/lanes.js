import { defineLanes } from '@laneway/core';

const policy = { key: 'lane', carry: { baggage: ['*'] } };

/** The lanes of the services behind the edge. They do not know about the cookie. */
export const lanes = defineLanes(policy);

/** The lanes of the edge: a browser names its lane in the cookie `lane`. */
export const edgeLanes = defineLanes(policy, { sources: { cookie: 'lane' } });
