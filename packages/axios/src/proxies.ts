// Where `proxy-from-env`, which axios asks, looks for the proxy of a call over https.
const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

/**
 * Whether a call over https may go through a tunnel that axios makes itself, with an agent of its own, and with the options of the
 * agent that it is given: with those of Node's global agent, a proxy would have five seconds to answer.
 */
export function mayTunnel(proxy: unknown): boolean {
  if (proxy) return true;
  return proxy !== false && VARIABLES.some((name) => Boolean(process.env[name]));
}

/** Whether a call may go through a proxy. */
export function mayProxy(proxy: unknown): boolean {
  return mayTunnel(proxy) || (proxy !== false && Boolean(process.env.http_proxy || process.env.HTTP_PROXY));
}

/**
 * Whether axios must be given an agent as it is. With `proxy: false` it replaces one that was made with `NODE_USE_ENV_PROXY`, and
 * refuses one whose methods are not Node's own.
 */
export function keepsAgent(agent: unknown, proxy: unknown): boolean {
  const options = (agent as { options?: { proxyEnv?: unknown } } | null | undefined)?.options;
  return proxy === false && typeof options?.proxyEnv === 'object' && options.proxyEnv !== null;
}
