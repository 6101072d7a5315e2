/** Whether a name is carried. */
export type NameMatcher = (name: string) => boolean;

/** The rules of a carry list, by kind. */
export interface NameRules {
  readonly exact: ReadonlySet<string>;
  readonly prefixes: readonly string[];
  readonly suffixes: readonly string[];
  /** Whether the list contains `*`. */
  readonly all: boolean;
}

/** Sorts `version` (exact), `appver*` (prefix), `*-lane` (suffix) and `*` (all). */
export function parseNameRules(names: readonly string[]): NameRules {
  return {
    exact: new Set(names.filter((name) => !name.includes('*'))),
    prefixes: names.filter((name) => name.length > 1 && name.endsWith('*')).map((name) => name.slice(0, -1)),
    suffixes: names.filter((name) => name.length > 1 && name.startsWith('*')).map((name) => name.slice(1)),
    all: names.includes('*'),
  };
}

/** Returns the matcher of the rules. */
export function matchName(rules: NameRules): NameMatcher {
  const { exact, prefixes, suffixes, all } = rules;
  if (all) return () => true;
  if (prefixes.length === 0 && suffixes.length === 0) return (name) => exact.has(name);
  return (name) =>
    exact.has(name) ||
    prefixes.some((prefix) => name.startsWith(prefix)) ||
    suffixes.some((suffix) => name.endsWith(suffix));
}
