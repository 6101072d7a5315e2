import { test } from 'vitest';

/**
 * Returns `test` for a test that needs something that may be missing.
 *
 * @param missing what is missing; if set, the test is skipped and its name says why
 */
export function testUnless(missing: string | false | undefined): (name: string, fn: () => unknown) => void {
  return (name, fn) => (missing ? test.skip(`${name} (skipped: ${missing})`, fn) : test(name, fn));
}
