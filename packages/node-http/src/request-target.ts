import type { RequestOptions } from 'node:http';
import type { Destination } from '@laneway/core';
import { nodeProxy } from './node-proxy.js';

/** The options that decide the destination of a request: those of `http.request`, or those that an agent receives. */
export type TargetOptions = Pick<RequestOptions, 'host' | 'hostname' | 'socketPath' | 'port' | 'defaultPort'>;

/**
 * Returns the host that a request connects to, by Node's precedence: the proxy, if Node uses one. Never the `Host` header, which may contain
 * anything.
 *
 * A Unix socket is internal, whatever host the request names.
 *
 * @param agent the agent of the request; its options override those of the request, as in `http.Agent`
 * @returns `undefined` when the host has the wrong type, which Node rejects
 */
export function requestTarget(options: TargetOptions, agent?: unknown): string | undefined {
  const named = namedHost(options, agent);
  if (named === undefined || options.socketPath) return named;
  return nodeProxy(agent, named, options.port || options.defaultPort || 80) ?? named;
}

/** Like {@link requestTarget}, but ignores a proxy. */
export function namedHost(options: TargetOptions, agent?: unknown): string | undefined {
  const forced = (agent as { options?: TargetOptions } | null | undefined)?.options;
  if (forced?.socketPath || options.socketPath) return 'localhost';
  const host: unknown = forced?.host || options.hostname || options.host || 'localhost';
  return typeof host === 'string' ? host : undefined;
}

/**
 * Returns the URL in a path in absolute form, to which a forward proxy sends the headers (RFC 9112, section 3.2.2).
 *
 * @returns `undefined` for any other path, and for `CONNECT`, whose headers only the proxy receives
 */
export function forwardTarget({ path, method }: RequestOptions): Destination | undefined {
  if (!path) return undefined;
  const text = toText(path);
  if (text.startsWith('/') || !/^[a-z][a-z\d+.-]*:/i.test(text)) return undefined;
  if (toText(method).toUpperCase() === 'CONNECT') return undefined;
  return URL.canParse(text) ? new URL(text) : text;
}

// Node converts the path to a string, for example a URL.
const toText: (value: unknown) => string = String;
