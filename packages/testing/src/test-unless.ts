import { test } from 'vitest';

/**
 * A test that needs something which is not everywhere.
 *
 * @param missing why it is not here, if it is not: the test is skipped, and its name says so
 */
export function testUnless(missing: string | false | undefined): (name: string, fn: () => unknown) => void {
  return (name, fn) => (missing ? test.skip(`${name} (skipped: ${missing})`, fn) : test(name, fn));
}
