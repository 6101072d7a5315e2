import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { type Method, override } from './index.js';

class Counter {
  count = 0;
  add(by: number): number {
    return (this.count += by);
  }
}
const twice = (original: Method): Method =>
  function (this: unknown, by: number) {
    return Reflect.apply(original, this, [by * 2]);
  } as Method;

test('restores an own method and an inherited one', () => {
  const counter = new Counter();
  const restore = override(counter, { add: twice });
  expect(counter.add(1)).toBe(2);
  expect(Object.keys(counter)).toContain('add');
  restore();
  expect(counter.add(1)).toBe(3);
  expect(Object.hasOwn(counter, 'add')).toBe(false);
  const restoreClass = override(Counter.prototype, { add: twice });
  expect(counter.add(1)).toBe(5);
  restoreClass();
  expect(counter.add(1)).toBe(6);
});

test('a wrapper that others added later stays, and its calls reach the original', () => {
  const counter = new Counter();
  const restore = override(counter, { add: twice });
  const replacement = counter.add;
  const wrapper = (by: number): number => Reflect.apply(replacement, counter, [by]);
  counter.add = wrapper;
  restore();
  expect(counter.add).toBe(wrapper);
  expect(counter.add(1)).toBe(1);
});

test('a replacement has the name, the length and the properties of its original', () => {
  const original = Object.assign(function original(_a: unknown, _b: unknown): void {}, {
    [promisify.custom]: 1,
    own: 2,
  });
  const owner = { original };
  override(owner, { original: () => Object.assign(() => {}, { own: 3 }) });
  expect(owner.original).not.toBe(original);
  expect([
    owner.original.name,
    owner.original.length,
    owner.original[promisify.custom],
    owner.original.own,
  ]).toEqual(['original', 2, 1, 3]);
});

test('skips a value that is not a function', () => {
  const owner = { value: 1 };
  override(owner, { value: () => () => 2, missing: () => () => 3 })();
  expect(owner).toEqual({ value: 1 });
});
