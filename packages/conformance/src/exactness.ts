import { type BaggageMember, parseBaggage } from './baggage.js';
import { type Exchange, type HeaderLine, valuesOf } from './exchange.js';

/**
 * Returns whether the valid members of every exchange arrived byte for byte and in order. Members with other keys may stand between
 * them. Over the limits of section 3.3.2 a service may drop members, so there only the members that arrive are compared.
 *
 * @returns `undefined` when no call arrived or no member was sent
 */
export function areExact(exchanges: readonly Exchange[]): boolean | undefined {
  const compared = exchanges.flatMap(({ sent, calls }) =>
    calls.map((arrived) => ({ before: membersOf(sent), after: membersOf(arrived) })),
  );
  if (compared.every(({ before }) => before.length === 0)) return undefined;
  return compared.every(({ before, after }) => isExact(before, after));
}

function isExact(before: readonly BaggageMember[], after: readonly BaggageMember[]): boolean {
  const keys = new Set(before.map(({ key }) => key));
  const arrived = after.filter(({ key }) => keys.has(key)).map(({ text }) => text);
  const sent = before.map(({ text }) => text);
  const isOver = sent.length > 64 || sent.join(',').length > 8192;
  const expected = isOver ? sent.filter((text) => arrived.includes(text)) : sent;
  return expected.join(',') === arrived.join(',');
}

function membersOf(lines: readonly HeaderLine[]): readonly BaggageMember[] {
  return parseBaggage(valuesOf(lines)).members;
}
