import type { Carrier } from '@laneway/core';

/** Where a session sends its requests: the host that it is connected to, and the host that its requests name. */
export interface SessionTarget {
  /** The host that the session is connected to; `localhost` for a Unix socket. */
  readonly host: string;
  /** The `:authority` of requests that have neither `:authority` nor `host`. */
  readonly authority: string;
}

/** The options of `http2.connect` that decide where it connects to. */
interface ConnectOptions {
  readonly createConnection?: unknown;
  readonly host?: string;
  readonly path?: string;
  readonly servername?: string;
}

/**
 * Returns where a session of `http2.connect(authority, options)` sends its requests, by the precedence that Node uses. With
 * `createConnection` that is the host of `authority`, because the connection may be a tunnel to it.
 *
 * @returns `undefined` for arguments that Node refuses
 * @example
 * sessionTarget('http://helloworld:5000'); // { host: 'helloworld', authority: 'helloworld' }
 */
export function sessionTarget(authority: unknown, options?: unknown): SessionTarget | undefined {
  const url = typeof authority === 'string' ? parseUrl(authority) : (authority as Partial<URL> | null);
  if (typeof url !== 'object' || url === null) return undefined;
  const named = (url.hostname || url.host || 'localhost').replace(/^\[(.*)\]$/, '$1');
  const used = (typeof options === 'object' && options !== null ? options : {}) as ConnectOptions;
  return { host: connectedHost(named, used), authority: used.servername || named };
}

function connectedHost(named: string, options: ConnectOptions): string {
  if (typeof options.createConnection === 'function') return named;
  if (options.path) return 'localhost';
  // The option overrides the authority even if it is `undefined`. Then Node connects to localhost.
  return ('host' in options ? options.host : named) || 'localhost';
}

/**
 * Returns the hosts that a request names, without the host that its session is connected to. Egress must allow them too, because a proxy
 * passes the request on to them.
 */
export function otherHosts(headers: Carrier | undefined, target: SessionTarget): readonly string[] {
  const named = namedHosts(headers, target);
  const others = named.filter((name) => !isHost(name, target.host));
  return others.length < 2 ? others : [...new Set(others)];
}

/** Compares text instead of parsing it: the parser of a proxy may see another host in an unusual name. */
function isHost(name: string, host: string): boolean {
  const withoutPort = name.replace(/:\d*$/, '');
  return name === host || withoutPort === host || withoutPort === `[${host}]`;
}

const NONE: readonly string[] = [];

function namedHosts(headers: Carrier | undefined, { host, authority }: SessionTarget): readonly string[] {
  let named: string[] | undefined;
  let hasAuthority = false;
  const read = (name: unknown, value: unknown): void => {
    // Fast: the length excludes most names.
    if (typeof name !== 'string' || (name.length !== 4 && name.length !== 10)) return;
    const lower = name.toLowerCase();
    if (lower === ':authority') hasAuthority = true;
    else if (lower !== 'host') return;
    named ??= [];
    named.push(toText(value));
  };
  if (Array.isArray(headers)) {
    for (let i = 0; i < headers.length; i += 2) read(headers[i], headers[i + 1]);
  } else {
    const record = headers as Record<string, unknown> | undefined;
    for (const name in record) if (record[name] !== undefined) read(name, record[name]);
  }
  if (hasAuthority || authority === host) return named ?? NONE;
  return named === undefined ? [authority] : [...named, authority];
}

// Node converts every value to text.
const toText: (value: unknown) => string = String;

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
