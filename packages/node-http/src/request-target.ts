import type { RequestOptions } from 'node:http';
import type { Destination } from '@laneway/core';
import { nodeProxy } from './node-proxy.js';

/** What decides where a request goes: Node's own options, or those that an agent is handed. */
export type TargetOptions = Pick<RequestOptions, 'host' | 'hostname' | 'socketPath' | 'port' | 'defaultPort'>;

/**
 * The host that a request connects to, by Node's own precedence, for egress to judge: the proxy, where Node sends it to one. Never the
 * `Host` header, which is free text.
 *
 * A socket in the file system does not leave the machine, whatever host the request names.
 *
 * @param agent what carries the request; its options override those of the request, as they do in `http.Agent`
 * @returns `undefined` when a host is of the wrong type, which Node answers with an error of its own
 */
export function requestTarget(options: TargetOptions, agent?: unknown): string | undefined {
  const named = namedHost(options, agent);
  if (named === undefined || options.socketPath) return named;
  return nodeProxy(agent, named, options.port || options.defaultPort || 80) ?? named;
}

/** The same without regard to a proxy. */
export function namedHost(options: TargetOptions, agent?: unknown): string | undefined {
  const forced = (agent as { options?: TargetOptions } | null | undefined)?.options;
  if (forced?.socketPath || options.socketPath) return 'localhost';
  const host: unknown = forced?.host || options.hostname || options.host || 'localhost';
  return typeof host === 'string' ? host : undefined;
}

/**
 * What a forward proxy is asked for, and sends the headers on to: a path in absolute form (RFC 9112, section 3.2.2).
 *
 * @returns `undefined` for any other path, and for `CONNECT`, whose headers end at the proxy
 */
export function forwardTarget({ path, method }: RequestOptions): Destination | undefined {
  if (!path) return undefined;
  const text = toText(path);
  if (text.startsWith('/') || !/^[a-z][a-z\d+.-]*:/i.test(text)) return undefined;
  if (toText(method).toUpperCase() === 'CONNECT') return undefined;
  return URL.canParse(text) ? new URL(text) : text;
}

// Node makes a text of whatever it is, of a URL for one.
const toText: (value: unknown) => string = String;
