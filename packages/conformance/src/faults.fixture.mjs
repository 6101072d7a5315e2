// Faulty services. Each fault is a function. It receives the baggage as one string (undefined without a header) and returns what
// the service sends: one string, a list of header lines, or undefined for no header. If it throws, the service answers 500.

const trim = (text) => text.replaceAll(/^[ \t]+|[ \t]+$/g, '');
const split = (text) => text.split(',').map(trim);
const join = (members) => (members.length === 0 ? undefined : members.join(','));
const ifPresent = (change) => (text, context) => (text === undefined ? undefined : change(text, context));
const members = (change) => ifPresent((text) => join(change(split(text))));
const each = (change) => members((list) => list.map(change));
const only = (keep) => members((list) => list.filter((member) => keep(member)));
const key = (member) => trim(member.split(/[=;]/)[0]);
const value = (member) => trim(member.split(';')[0].slice(member.indexOf('=') + 1));
const properties = (member) => member.split(';').slice(1).map(trim);
const build = (name, text, rest) => [`${name}=${text}`, ...rest].join(';');
const changeKey = (change) =>
  each((member) => (member.includes('=') ? change(key(member)) + member.slice(member.indexOf('=')) : member));
const changeValue = (change) =>
  each((member) =>
    member.includes('=') ? build(key(member), change(value(member)), properties(member)) : member,
  );
const changeProperties = (change) =>
  each((member) =>
    member.includes(';') ? [member.split(';')[0], ...change(properties(member))].join(';') : member,
  );
const decodes = (text) => {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return undefined;
  }
};
const dropAll = (isBad) =>
  ifPresent((text) => (split(text).some((member) => isBad(member)) ? undefined : text));
const isMalformed = (member) =>
  !/^[!#$%&'*+\-.^_`|~\w]+[ \t]*=[ \t]*[!#-+\--:<-[\]-~]*([ \t]*;[ \t]*[!#$%&'*+\-.^_`|~\w]+([ \t]*=[ \t]*[!#-+\--:<-[\]-~]*)?)*$/.test(
    member,
  );

let current;
let last;

export const FAULTS = {
  none: (text) => text,

  // Propagation.
  'sends nothing': () => undefined,
  'sends the first member only': members((list) => list.slice(0, 1)),
  'carries on the first call only': (text, { call }) => (call === 0 ? text : undefined),
  'keeps the baggage in a variable of the process': Object.assign(() => current, {
    begin: (text) => (current = text),
  }),
  'keeps the last baggage when there is none': (text) => (last = text ?? last),
  'adds the baggage of the last request': (text) => {
    const before = last;
    last = text;
    return [text, before].filter(Boolean).join(',') || undefined;
  },
  'adds a member': (text) => (text ? `${text},added=1` : 'added=1'),
  'answers 500 to an empty header': ifPresent((text) => (text.length === 0 ? undefined.length : text)),
  'makes a member of an empty header': ifPresent((text) => text || 'baggage=empty'),
  'reads the first line only': ifPresent((text, { lines }) => lines[0][1]),
  'reads the last line only': ifPresent((text, { lines }) => lines.at(-1)[1]),
  'recognizes the header only in lower case': ifPresent((text, { lines }) =>
    lines[0][0] === 'baggage' ? text : undefined,
  ),
  'writes the header in upper case': ifPresent((text) => [['Baggage', text]]),
  'appends a second header': ifPresent((text) => [
    ['baggage', text],
    ['baggage', text],
  ]),
  'writes a line for each member': ifPresent((text) => text.split(',').map((member) => ['baggage', member])),

  // Limits.
  'keeps 62 members': members((list) => list.slice(0, 62)),
  'keeps 63 members': members((list) => list.slice(0, 63)),
  'keeps 64 members': members((list) => list.slice(0, 64)),
  'drops everything above 64 members': ifPresent((text) => (split(text).length > 64 ? undefined : text)),
  'cuts what is above 64 members in the middle of one': ifPresent((text) =>
    split(text).length > 64 ? text.slice(0, split(text).slice(0, 64).join(',').length + 2) : text,
  ),
  'drops everything from 8192 bytes on': ifPresent((text) => (text.length >= 8192 ? undefined : text)),
  'drops everything above 8192 bytes': ifPresent((text) => (text.length > 8192 ? undefined : text)),
  'cuts at 8192 bytes': ifPresent((text) => text.slice(0, 8192)),
  'cuts a member at 8192 bytes': ifPresent((text) =>
    text
      .split(',')
      .map((member) => member.slice(0, 8192))
      .join(','),
  ),
  'ends at the first member that does not fit': members((list) =>
    list.slice(0, list.findIndex((_, i) => list.slice(0, i + 1).join(',').length > 8192) >>> 0),
  ),
  'counts the limits twice for two lines': ifPresent((text, { lines }) =>
    lines.length > 1 && text.length > 4096 ? lines[0][1] : text,
  ),

  // Keys, white space, order.
  'accepts only word characters in keys': only((member) => /^[\w-]*$/.test(key(member))),
  'decodes keys': changeKey((name) => (decodes(name) ?? [name])[0]),
  'writes keys in lower case': changeKey((name) => name.toLowerCase()),
  'reads integer keys as numbers': changeKey((name) => (/^\d+$/.test(name) ? Number(name) : name)),
  'keeps members in an object': members((list) =>
    Object.entries(
      list.reduce((all, member) => ((all[key(member)] = member.slice(key(member).length)), all), {}),
    )
      .filter(([, rest]) => typeof rest === 'string')
      .map(([name, rest]) => name + rest),
  ),
  'drops members with white space': ifPresent((text) =>
    join(text.split(',').filter((member) => !/\s/.test(member))),
  ),
  'accepts spaces but not tabs': ifPresent((text) =>
    join(text.split(',').filter((member) => !member.includes('\t'))),
  ),
  'treats white space as part of the key': ifPresent((text) =>
    join(text.split(',').map((member) => member.replace(/^(\S+?)\s+(?==)/, '$1_'))),
  ),
  'drops every duplicate': members((list) =>
    list.filter((member) => list.filter((other) => key(other) === key(member)).length === 1),
  ),
  'keeps the last duplicate': members((list) =>
    list.filter((member, i) => !list.slice(i + 1).some((other) => key(other) === key(member))),
  ),
  'reverses the order': members((list) => list.toReversed()),
  'sorts by key': members((list) =>
    list.toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)),
  ),

  // Values.
  'accepts only unreserved characters in values': only((member) => /^[\w\-.~%]*$/.test(value(member))),
  'ends a value at an equal sign': changeValue((text) => text.split('=')[0]),
  'drops empty values': only((member) => value(member) !== ''),
  'decodes as Latin-1': changeValue((text) => encodeURIComponent(unescape(text))),
  'decodes and does not encode': changeValue(
    (text) => decodes(text)?.[0].replaceAll(/[^ -~]/g, encodeURIComponent) ?? text,
  ),
  'encodes without decoding': changeValue((text) => encodeURIComponent(text)),
  'decodes twice': changeValue((text) => {
    const once = decodes(text)?.[0];
    return once === undefined ? text : encodeURIComponent((decodes(once) ?? [once])[0]);
  }),
  'drops control characters': changeValue((text) => text.replaceAll(/%[01][0-9a-f]/gi, '')),
  'reads values as forms': changeValue((text) => text.replaceAll('+', '%20')),
  'drops members that do not decode': only((member) => decodes(value(member)) !== undefined),
  'drops everything when a member does not decode': dropAll((member) => decodes(value(member)) === undefined),
  'rewrites values in another encoding': changeValue((text) =>
    decodes(text) === undefined ? text : encodeURIComponent(decodes(text)[0]),
  ),

  // Properties.
  'drops properties': changeProperties(() => []),
  'drops properties without a value': changeProperties((list) =>
    list.filter((property) => property.includes('=')),
  ),
  'drops properties with a value': changeProperties((list) =>
    list.filter((property) => !property.includes('=')),
  ),
  'keeps the first property': changeProperties((list) => list.slice(0, 1)),
  'drops properties with white space': changeProperties((list) =>
    list.filter((property) => !/\s/.test(property)),
  ),
  'ends the value of a property at an equal sign': changeProperties((list) =>
    list.map((property) => property.split('=').slice(0, 2).join('=')),
  ),
  'ignores the empty value of a property': changeProperties((list) =>
    list.map((property) => property.replace(/=$/, '')),
  ),
  'sorts properties': changeProperties((list) => list.toSorted()),
  'gives all properties to the last member': members((list) => [
    ...list.map((member) => member.split(';')[0]).slice(0, -1),
    [list.at(-1), ...list.slice(0, -1).flatMap(properties)].join(';'),
  ]),

  // What is malformed.
  'answers 500 when something is malformed': ifPresent((text) =>
    text !== '' && text.split(',').map(trim).some(isMalformed) ? undefined.length : text,
  ),
  'answers 500 when nothing is well formed': ifPresent((text) =>
    text !== '' && text.split(',').map(trim).every(isMalformed) ? undefined.length : text,
  ),
  'drops everything when an equal sign is missing': dropAll(
    (member) => member !== '' && !member.includes('='),
  ),
  'drops everything when a key is not a token': dropAll(
    (member) =>
      member.includes('=') && !/^[!#$%&'*+\-.^_`|~\w]+$/.test(key(member)) && !/[^ -~]/.test(key(member)),
  ),
  'drops everything when a value has white space': dropAll(
    (member) => /\s/.test(value(member)) && !member.includes('"'),
  ),
  'drops everything when there are quotes': dropAll((member) => /["\\]/.test(member)),
  'drops everything when a property is invalid': dropAll((member) =>
    properties(member).some((property) => /^=|^$|\S\s+\w/.test(property.replace(/\s*=\s*/, '='))),
  ),
  'drops everything when an element is empty': ifPresent((text) =>
    text !== '' && split(text).includes('') ? undefined : text,
  ),
  'drops everything when a byte is not ASCII': ifPresent((text) =>
    /[^ -~\t]/.test(text) ? undefined : text,
  ),
};
