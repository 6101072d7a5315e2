import type { Carrier } from '@laneway/core';

/** Where a session sends its requests: the address that it is connected to, and the name that it gives them. */
export interface SessionTarget {
  /** The host that it is connected to; `localhost` for a socket in the file system. */
  readonly host: string;
  /** The host that its requests name as `:authority`, unless they name one themselves. */
  readonly authority: string;
}

/** The options of `http2.connect` that decide where it connects to, as Node reads them. */
interface ConnectOptions {
  readonly createConnection?: unknown;
  readonly host?: string;
  readonly path?: string;
  readonly servername?: string;
}

/**
 * Where a session of `http2.connect(authority, options)` sends its requests, by Node's own precedence. With `createConnection` that is
 * what it is asked to connect to: it may be a tunnel.
 *
 * @returns `undefined` for what Node answers with an error of its own
 */
export function sessionTarget(authority: unknown, options?: unknown): SessionTarget | undefined {
  const url = typeof authority === 'string' ? parseUrl(authority) : (authority as Partial<URL> | null);
  if (typeof url !== 'object' || url === null) return undefined;
  const named = (url.hostname || url.host || 'localhost').replace(/^\[(.*)\]$/, '$1');
  const given = (typeof options === 'object' && options !== null ? options : {}) as ConnectOptions;
  return { host: connectedHost(named, given), authority: given.servername || named };
}

function connectedHost(named: string, options: ConnectOptions): string {
  if (typeof options.createConnection === 'function') return named;
  if (options.path) return 'localhost';
  // An option that is there overrides, even as `undefined`: then it is Node's default.
  return ('host' in options ? options.host : named) || 'localhost';
}

/**
 * The hosts that a request names beside the one that its session is connected to. They must be allowed to see the lane too, as a proxy
 * sends it on to what is named.
 */
export function otherHosts(headers: Carrier | undefined, target: SessionTarget): readonly string[] {
  const named = namedHosts(headers, target);
  const others = named.filter((name) => !isHost(name, target.host));
  return others.length < 2 ? others : [...new Set(others)];
}

/** With or without a port. No parser: another one, at the proxy, may see another host in an odd name. */
function isHost(name: string, host: string): boolean {
  const bare = name.replace(/:\d*$/, '');
  return name === host || bare === host || bare === `[${host}]`;
}

const NONE: readonly string[] = [];

function namedHosts(headers: Carrier | undefined, { host, authority }: SessionTarget): readonly string[] {
  let named: string[] | undefined;
  let isNamed = false;
  const read = (name: unknown, value: unknown): void => {
    // Most names are ruled out by their length.
    if (typeof name !== 'string' || (name.length !== 4 && name.length !== 10)) return;
    const lower = name.toLowerCase();
    if (lower === ':authority') isNamed = true;
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
  if (isNamed || authority === host) return named ?? NONE;
  return named === undefined ? [authority] : [...named, authority];
}

// Node makes a text of whatever it is.
const toText: (value: unknown) => string = String;

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
