import { decodeValue } from '../baggage/percent.js';

/**
 * Returns the decoded values of a query parameter, in order.
 *
 * @param target a request target (`/path?query`) or a URL
 */
export function readParameter(target: string, name: string): string[] {
  const { query } = splitTarget(target);
  if (query === undefined) return [];
  return query.flatMap((pair) => {
    const [found, value] = splitPair(pair);
    return found === name ? [value] : [];
  });
}

/**
 * Removes every query parameter of a name from a request target or a URL. The rest stays byte for byte.
 *
 * @returns the target itself when it does not have the parameter
 */
export function removeParameter(target: string, name: string): string {
  const { path, query, fragment } = splitTarget(target);
  const kept = query?.filter((pair) => splitPair(pair)[0] !== name);
  if (query === undefined || kept === undefined || kept.length === query.length) return target;
  return path + (kept.length === 0 ? '' : `?${kept.join('&')}`) + fragment;
}

interface Target {
  readonly path: string;
  /** `undefined` without a `?`. */
  readonly query?: readonly string[];
  readonly fragment: string;
}

function splitTarget(target: string): Target {
  const hash = target.indexOf('#');
  const end = hash === -1 ? target.length : hash;
  const fragment = target.slice(end);
  const start = target.indexOf('?');
  if (start === -1 || start > end) return { path: target.slice(0, end), fragment };
  return { path: target.slice(0, start), query: target.slice(start + 1, end).split('&'), fragment };
}

/** Decodes a pair of `application/x-www-form-urlencoded` (WHATWG URL, section 5.1). */
function splitPair(pair: string): [name: string, value: string] {
  const equals = pair.indexOf('=');
  const end = equals === -1 ? pair.length : equals;
  return [decodeForm(pair.slice(0, end)), decodeForm(pair.slice(end + 1))];
}

function decodeForm(text: string): string {
  return decodeValue(text.replaceAll('+', ' '));
}
