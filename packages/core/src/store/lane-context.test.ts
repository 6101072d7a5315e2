import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BASELINE, defineLanes, type LaneContext, LanewayEntryError, LanewayLaneError } from '../index.js';

const lanes = defineLanes({ key: 'version', carry: { headers: ['version', 'appver*'], baggage: ['*'] } });
const out = (lane: LaneContext): unknown => lanes.attach(undefined, { to: 'localhost', lane });
const lane = lanes.capture({ version: 'v2', baggage: 'b = %41 ;p,version=old,2=x,1=y,b=last' });

describe('LaneContext', () => {
  test('name, get and entries', () => {
    expect(lane.name).toBe('v2');
    expect(lane.get('Version')).toBe('v2');
    expect(lane.get('b')).toBe('last');
    expect(lane.get('missing')).toBeUndefined();
    expect(lane.entries()).toEqual([
      ['version', 'v2'],
      ['b', 'A'],
      ['version', 'old'],
      ['2', 'x'],
      ['1', 'y'],
      ['b', 'last'],
    ]);
    expect([BASELINE.name, BASELINE.entries()]).toEqual([undefined, []]);
  });

  test('the name may come from baggage alone', () => {
    expect(lanes.capture({ baggage: 'version=v%33' }).name).toBe('v3');
  });

  test('set replaces the entry wherever it stands, and nothing else', () => {
    const next = lane.set('version', 'v3');
    expect(out(next)).toEqual({ version: 'v3', baggage: 'b = %41 ;p,version=v3,2=x,1=y,b=last' });
    expect(out(lane)).toEqual({ version: 'v2', baggage: 'b = %41 ;p,version=old,2=x,1=y,b=last' });
    expect(out(lane.set('b', 'ü,;'))).toEqual({
      version: 'v2',
      baggage: 'b=%C3%BC%2C%3B,version=old,2=x,1=y',
    });
  });

  test('a new entry becomes a header if the policy carries one of that name, else a member', () => {
    expect(out(lane.set('appver-x', '1').set('user', 'a b'))).toEqual({
      version: 'v2',
      'appver-x': '1',
      baggage: 'b = %41 ;p,version=old,2=x,1=y,b=last,user=a%20b',
    });
  });

  test('what is set on the baseline is placed by the lanes that run it', () => {
    const made = BASELINE.set('version', 'v2').set('user', 'alice');
    expect(out(made)).toEqual({ version: 'v2', baggage: 'user=alice' });
    expect(lanes.run(made, () => lanes.current().name)).toBe('v2');
    expect(out(BASELINE)).toBeUndefined();
  });

  test('an entry that cannot be is a clear error', () => {
    for (const key of ['', 'a b', 'a=b', 'ü', 'a\r\n'])
      expect(() => lane.set(key, 'x')).toThrow(LanewayEntryError);
    expect(() => lane.set('version', 'a\r\nb')).toThrow(/not a valid field value/);
    expect(lane.set('user', 'a\r\nb').get('user')).toBe('a\r\nb');
  });

  test('rejects a value that is not a lane context', () => {
    for (const wrong of ['v2', undefined, {}])
      expect(() => lanes.run(wrong as never, () => 1)).toThrow(LanewayLaneError);
  });

  test('console.log shows names and no values', () => {
    expect(inspect(lane.set('secret', 'hidden'))).toBe(
      'LaneContext { name: "v2", keys: ["version","b","version","2","1","b","secret"] }',
    );
  });

  test('a lane context of another policy is attached by the policy of the lanes that attach it', () => {
    const other = defineLanes({ key: 'b', carry: { baggage: ['b'] }, promote: { b: 'x-b' } });
    expect(other.attach(undefined, { to: 'localhost', lane })).toEqual({
      version: 'v2',
      'x-b': 'last',
      baggage: 'b = %41 ;p,version=old,2=x,1=y,b=last',
    });
    expect(out(lane)).not.toHaveProperty('x-b');
  });
});
