import { BASELINE, defineLanes, type Trust } from '@laneway/core';
import { expect, test } from 'vitest';
import { captureRequest } from './capture-request.js';
import type { CapturedRequest } from './captured-request.js';

const throwing: object = {
  get headers(): never {
    throw new Error('no headers here');
  },
};
const requests: readonly (readonly [string, unknown])[] = [
  ['no headers', {}],
  ['headers that are null', { headers: null }],
  ['headers that are text', { headers: 'version: v2' }],
  ['headers that throw', throwing],
  ['nothing', undefined],
  ['null', null],
];
const trusts: readonly Trust[] = ['all', 'none', ['127.0.0.1'], () => true];

test.each(requests)('a request with %s is at the baseline, and nothing is thrown', (_name, request) => {
  for (const trust of trusts) {
    const lanes = defineLanes({ key: 'version', carry: { headers: ['version'], baggage: ['*'] }, trust });
    expect(captureRequest(lanes, request as CapturedRequest)).toBe(BASELINE);
  }
});
