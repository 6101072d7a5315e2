// The judge has its own baggage parser. It must agree with core's parser; a difference is a bug in one of them.
import fc from 'fast-check';
import { BASELINE, defineLanes } from '@laneway/core';
import { expect, test } from 'vitest';
import { parseBaggage } from '../../../packages/conformance/src/baggage.js';

const lanes = defineLanes({ key: 'lane', carry: { baggage: ['*'] } });

const piece = fc.constantFrom(
  'a',
  'B',
  '1',
  '=',
  ',',
  ';',
  ' ',
  '\t',
  '%',
  '%41',
  '"',
  '\\',
  '(',
  'é',
  '_',
  '&',
  '__proto__',
);
const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

test('core carries exactly the members that the judge finds valid, in order and byte for byte', () => {
  fc.assert(
    fc.property(fc.array(text, { maxLength: 3 }), (lines) => {
      const lane = lanes.capture(lines.map((line) => ['baggage', line] as const));
      const out = lanes.run(lane, () => lanes.attach({}, { to: 'http://127.0.0.1/' })) as {
        baggage?: string;
      };
      const { members } = parseBaggage(lines);
      expect(out.baggage ?? '').toBe(members.map((member) => member.text).join(','));
      if (members.length === 0) expect(lane).toBe(BASELINE);
    }),
    { numRuns: 3000 },
  );
});
