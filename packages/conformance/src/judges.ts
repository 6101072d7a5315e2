import { type Baggage, type BaggageMember, parseBaggage } from './baggage.js';
import { type Exchange, type HeaderLine, valuesOf } from './exchange.js';
import { isSameMember, meaningOf } from './sameness.js';

/** Returns what is wrong with one exchange. `all` are the exchanges of the case. */
export type Judge = (exchange: Exchange, all: readonly Exchange[]) => readonly string[];

type Look = (sent: Baggage, arrived: Baggage, lines: readonly HeaderLine[]) => readonly string[];

/** Judges each call of an exchange separately. */
export function perCall(look: Look): Judge {
  return ({ sent, calls }) =>
    calls.flatMap((lines, index) => {
      const problems = look(parseBaggage(valuesOf(sent)), parseBaggage(valuesOf(lines)), lines);
      return calls.length === 1 ? problems : problems.map((problem) => `call ${index + 1}: ${problem}`);
    });
}

/** Every member arrives with its meaning unchanged, and no malformed member arrives. The service may add members. */
export const allArrive: Judge = perCall((sent, arrived) => [
  ...arrived.malformed.map((text) => `${quote(text)} arrived, which is not a valid list-member`),
  ...membersArrive(sent, arrived),
]);

/** Every valid member that was sent arrives. Everything else is ignored. */
export const neighboursArrive: Judge = perCall(membersArrive);

/** The members with these keys arrive. The others are ignored. */
export function theseArrive(...keys: readonly string[]): Judge {
  return perCall(({ members }, arrived) =>
    membersArrive({ members: members.filter(({ key }) => keys.includes(key)), malformed: [] }, arrived),
  );
}

function membersArrive(sent: Baggage, arrived: Baggage): string[] {
  return sent.members.flatMap((member) => {
    const same = arrived.members.filter(({ key }) => key === member.key);
    if (same.length === 0) return [`${quote(member.text)} did not arrive`];
    const other = same.find((candidate) => !isSameMember(candidate, member));
    return other === undefined ? [] : [`${quote(member.text)} arrived as ${quote(other.text)}`];
  });
}

/** Every member that arrives is whole. Any member may be missing. */
export const onlyWholeArrive: Judge = perCall((sent, arrived) => {
  const text = sent.members.map((member) => member.text).join(',');
  const parts = arrived.malformed.filter((part) => part !== '');
  for (const member of arrived.members) {
    const whole = sent.members.find(({ key }) => key === member.key);
    const isPart = whole === undefined ? text.includes(member.text) : !isSameMember(member, whole);
    if (isPart) parts.push(member.text);
  }
  return parts.map((part) => `${quote(part)} arrived, which is only part of a list-member`);
});

/** At least this many of the members arrive. */
export function atLeast(count: number): Judge {
  return perCall((sent, arrived) => {
    const kept = arrivedOf(sent, arrived).length;
    return kept >= count
      ? []
      : [`${kept} of ${sent.members.length} members arrived, but ${count} are within the limits`];
  });
}

/** The members that arrive keep the order in which they were sent, including members with equal keys. */
export const duplicatesInOrder: Judge = perCall((sent, arrived) => {
  let from = 0;
  for (const member of arrivedOf(sent, arrived)) {
    const at = sent.members.findIndex((candidate, index) => index >= from && isSameMember(candidate, member));
    if (at === -1) return [`${quote(member.text)} arrived in the wrong place`];
    from = at + 1;
  }
  return [];
});

/** The keys that were sent arrive in the order in which they were sent. */
export const keysInOrder: Judge = perCall((sent, arrived) => {
  const [before, after] = [sent, arrived].map(({ members }) => new Set(members.map(({ key }) => key)));
  const expected = [...(before ?? [])].filter((key) => after?.has(key));
  const found = [...(after ?? [])].filter((key) => before?.has(key));
  return expected.join() === found.join() ? [] : [`the keys arrived in the order ${found.join(', ')}`];
});

/** The properties of each member arrive in order, including repeated ones. */
export const propertyOrderKept: Judge = perCall((sent, arrived) =>
  sent.members.flatMap(({ key, text, properties }) => {
    const other = arrived.members.find((member) => member.key === key);
    if (other === undefined) return [`${quote(text)} did not arrive`];
    const [before, after] = [properties, other.properties].map((list) => list.map(meaningOf).join(';'));
    return before === after ? [] : [`${quote(text)} arrived as ${quote(other.text)}`];
  }),
);

/** Each key that was sent arrives, with any value. */
export const keysArrive: Judge = perCall((sent, arrived) => {
  const keys = new Set(sent.members.map(({ key }) => key));
  return [...keys]
    .filter((key) => !arrived.members.some((member) => member.key === key))
    .map((key) => `no member with the key ${quote(key)} arrived`);
});

/** Each key arrives as often as it was sent. */
export const countsKept: Judge = perCall((sent, arrived) =>
  [...new Set(sent.members.map(({ key }) => key))].flatMap((key) => {
    const [before, after] = [sent, arrived].map(
      ({ members }) => members.filter((member) => member.key === key).length,
    );
    return before === after ? [] : [`${quote(key)} was sent ${before} times and arrived ${after} times`];
  }),
);

/** No member that was sent once arrives twice. */
export const noneTwice: Judge = perCall(({ members }, arrived) =>
  members
    .filter(({ key }) => arrived.members.filter((member) => member.key === key).length > 1)
    .map(({ text }) => `${quote(text)} was sent once and arrived more than once`),
);

/** Only members of the first exchange arrive: a service may add members, if it adds them to every call (3.5). */
export const noMoreThanWithout: Judge = (exchange, [first]) => {
  const added = new Set(parseBaggage(first?.calls.flatMap(valuesOf) ?? []).members.map(({ key }) => key));
  const invented = perCall((_sent, { members }) =>
    members
      .filter(({ key }) => !added.has(key))
      .map(({ text }) => `${quote(text)} arrived, and no member was sent`),
  );
  return invented(exchange, []);
};

/** Nothing arrives that another exchange of the case sent. */
export const noneOfOthers: Judge = (exchange, all) => {
  const others = all
    .filter((other) => other !== exchange)
    .flatMap(({ sent }) => parseBaggage(valuesOf(sent)).members);
  const sent = parseBaggage(valuesOf(exchange.sent)).members;
  const foreign = perCall((_sent, arrived) =>
    arrived.members
      .filter(
        (member) =>
          others.some(({ text }) => text === member.text) && !sent.some(({ text }) => text === member.text),
      )
      .map((member) => `${quote(member.text)} arrived, which belongs to another request`),
  );
  return foreign(exchange, all);
};

/** Combines judges: returns the problems of all of them. */
export function every(...judges: readonly Judge[]): Judge {
  return (exchange, all) => judges.flatMap((judge) => judge(exchange, all));
}

function arrivedOf(sent: Baggage, arrived: Baggage): BaggageMember[] {
  return arrived.members.filter((member) =>
    sent.members.some((candidate) => isSameMember(candidate, member)),
  );
}

function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 40)}… (${text.length} bytes)` : text;
  return JSON.stringify(short);
}
