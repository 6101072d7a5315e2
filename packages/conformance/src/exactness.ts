import { parseBaggage } from './baggage.js';
import { type Exchange, type HeaderLine, valuesOf } from './exchange.js';

/**
 * Whether the valid members of every exchange arrived byte for byte and in their places. Of what is over the limits of section
 * 3.3.2 members may go, so there it is only asked of those that arrive.
 *
 * @returns `undefined` when no call arrived or no member was sent
 */
export function areExact(exchanges: readonly Exchange[]): boolean | undefined {
  const compared = exchanges.flatMap(({ sent, calls }) => calls.map((arrived) => ({ sent, arrived })));
  if (compared.every(({ sent }) => textsOf(sent).length === 0)) return undefined;
  return compared.length === 0 ? undefined : compared.every(({ sent, arrived }) => isExact(sent, arrived));
}

function isExact(sent: readonly HeaderLine[], arrived: readonly HeaderLine[]): boolean {
  const before = textsOf(sent);
  const after = textsOf(arrived);
  const isOver = before.length > 64 || before.join(',').length > 8192;
  const expected = isOver ? before.filter((text) => after.includes(text)) : before;
  return expected.join(',') === after.join(',');
}

function textsOf(lines: readonly HeaderLine[]): string[] {
  return parseBaggage(valuesOf(lines)).members.map(({ text }) => text);
}
