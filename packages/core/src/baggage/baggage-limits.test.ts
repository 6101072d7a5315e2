import { expect, test } from 'vitest';
import { fitMembers } from './baggage-limits.js';
import { joinMembers, MAX_BAGGAGE_BYTES, splitMembers } from './baggage-member.js';

const fit = (text: string, laneKey = 'lane'): { out: string; dropped: string[] } => {
  const dropped: string[] = [];
  const kept = fitMembers(
    splitMembers(text),
    (key) => key === laneKey,
    ({ key }) => dropped.push(key),
  );
  return { out: joinMembers(kept), dropped };
};
const numbered = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=${i}`).join(',');

test('up to the limits, everything stays: 180 members, 8192 bytes', () => {
  expect(fit(numbered(180)).dropped).toEqual([]);
  const exact = `a=${'x'.repeat(MAX_BAGGAGE_BYTES - 2)}`;
  expect(fit(exact).out).toBe(exact);
});

test('over the number, whole members go from the end, and the lane stays where it stands', () => {
  const { out, dropped } = fit(`${numbered(185)},lane=v2`);
  expect(splitMembers(out)).toHaveLength(180);
  expect(out.endsWith(',k178=178,lane=v2')).toBe(true);
  expect(dropped).toEqual(['k179', 'k180', 'k181', 'k182', 'k183', 'k184']);
});

test('over the limit of bytes, a whole member is dropped, and smaller ones after it stay', () => {
  const { out, dropped } = fit(`big=${'x'.repeat(8185)},a=1,lane=v2`);
  expect(out).toBe('a=1,lane=v2');
  expect(dropped).toEqual(['big']);
});

test('10,000 members, the lane among them: the lane survives', () => {
  const members = numbered(10_000).split(',');
  members.splice(7_000, 0, 'lane=v2;p');
  const { out, dropped } = fit(members.join(','));
  expect(splitMembers(out)).toHaveLength(180);
  expect(out.endsWith('lane=v2;p')).toBe(true);
  expect(dropped).toHaveLength(10_001 - 180);
});

test('duplicates of the lane do not push the one that counts out', () => {
  const { out } = fit(`${'lane=old,'.repeat(500)}lane=v2`);
  expect(out.endsWith('lane=v2')).toBe(true);
  expect(splitMembers(out)).toHaveLength(180);
});

test('a lane member that is too large is dropped', () => {
  expect(fit(`a=1,lane=${'x'.repeat(8192)}`)).toEqual({ out: 'a=1', dropped: ['lane'] });
});
