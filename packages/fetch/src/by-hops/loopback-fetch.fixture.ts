import type { AnyFetch } from '../any-fetch.fixture.js';

type WebFetch = (...args: unknown[]) => Promise<Response>;

/** Returns a fetch that calls every host on loopback: a web fetch has no `lookup` option. */
export function loopbackFetch(fetch: AnyFetch): WebFetch {
  return (...args) =>
    Reflect.apply(fetch, undefined, [...args.slice(0, 1).map(toLoopback), ...args.slice(1)]);
}

function toLoopback(input: unknown): unknown {
  if (typeof input !== 'string' || !URL.canParse(input)) return input;
  const url = new URL(input);
  if (/^(?:127\.0\.0\.1|localhost|)$/.test(url.hostname)) return input;
  url.hostname = 'localhost';
  return url.href;
}
