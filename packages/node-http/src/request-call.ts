import type { IncomingMessage, RequestOptions } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import type { Carrier } from '@laneway/core';

/** The parsed arguments of `http.request`. */
export interface RequestCall {
  /** A copy of the options, merged with those of the URL as in Node: the options override the URL. */
  readonly options: RequestOptions;
  readonly callback: ((response: IncomingMessage) => void) | undefined;
}

/**
 * Parses the arguments of `http.request` in all their forms, as Node does.
 *
 * @returns `undefined` for invalid arguments, which Node rejects
 */
export function readCall(args: readonly unknown[]): RequestCall | undefined {
  const [first] = args;
  const url = typeof first === 'string' ? parseUrl(first) : isUrl(first) ? first : undefined;
  const given = url === undefined ? first : args[1];
  const last = url === undefined ? args[1] : args[2];
  // Without a URL, the options must be an object; with one, they are optional.
  if (given === undefined || given === null ? url === undefined : !isBag(given)) return undefined;
  const callback = typeof given === 'function' ? given : last;
  if (callback !== undefined && callback !== null && typeof callback !== 'function') return undefined;
  const passed = typeof given === 'function' ? undefined : (given as RequestOptions | undefined);
  const options =
    url === undefined ? { ...passed } : Object.assign<RequestOptions, unknown>(urlToHttpOptions(url), passed);
  if (url !== undefined) {
    // Node's defaults, set here because these options contain the fields of a URL. Without a path, Node would read them as a URL. Without
    // a method, @mswjs/interceptors (msw, nock) would read them as a result of `url.parse`, and drop the headers.
    options.path ??= '/';
    options.method ??= 'GET';
  }
  return { options, callback: (callback as RequestCall['callback']) ?? undefined };
}

/** Returns the headers of a call as a carrier; `undefined` when Node would reject them. */
export function headersOf({ headers }: RequestOptions): Carrier | undefined {
  if (headers === undefined || headers === null) return {};
  if (!Array.isArray(headers)) {
    const record: object = headers;
    // Node reads other values with `Object.keys` too, such as a string.
    return typeof record !== 'object' || Symbol.iterator in record ? Object.assign({}, record) : headers;
  }
  const list: readonly unknown[] = headers;
  const named = Array.isArray(list[0])
    ? list.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string')
    : list.length % 2 === 0 && list.every((name, index) => index % 2 === 1 || typeof name === 'string');
  return named ? (list as Carrier) : undefined;
}

function isBag(value: unknown): boolean {
  return typeof value === 'object' || typeof value === 'function';
}

/** Whether Node treats a value as a URL: any object with these properties that `url.parse` did not return. */
function isUrl(value: unknown): value is URL {
  const { href, protocol, auth, path } = (value ?? {}) as Record<string, unknown>;
  return Boolean(href && protocol) && auth === undefined && path === undefined;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
