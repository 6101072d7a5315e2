import type { RequestOptions } from 'node:http';

/** What decides where a request goes: Node's own options, or those that an agent is handed. */
export type TargetOptions = Pick<RequestOptions, 'host' | 'hostname' | 'socketPath'>;

/**
 * The host that a request connects to, by Node's own precedence, for egress to judge. Never the `Host` header, which is free text.
 *
 * A socket in the file system does not leave the machine, whatever host the request names.
 *
 * @param agent what carries the request; its options override those of the request, as they do in `http.Agent`
 * @returns `undefined` when a host is of the wrong type, which Node answers with an error of its own
 */
export function requestTarget(options: TargetOptions, agent?: unknown): string | undefined {
  const forced = (agent as { options?: TargetOptions } | null | undefined)?.options;
  if (forced?.socketPath || options.socketPath) return 'localhost';
  const host: unknown = forced?.host || options.hostname || options.host || 'localhost';
  return typeof host === 'string' ? host : undefined;
}
