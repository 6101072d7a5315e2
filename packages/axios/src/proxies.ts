// The variables in which `proxy-from-env`, which axios uses, finds the proxy for https.
const VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

/**
 * Whether a call over https may use a tunnel that axios opens itself. axios creates an agent for it, with the options of the agent in the
 * configuration: those of Node's global agent would give the proxy only five seconds to answer.
 */
export function mayTunnel(proxy: unknown): boolean {
  if (proxy) return true;
  return proxy !== false && VARIABLES.some((name) => Boolean(process.env[name]));
}

/** Whether a call may use a proxy. */
export function mayProxy(proxy: unknown): boolean {
  return mayTunnel(proxy) || (proxy !== false && Boolean(process.env.http_proxy || process.env.HTTP_PROXY));
}

/**
 * Whether axios must receive the original agent. With `proxy: false` it replaces an agent that was created with `NODE_USE_ENV_PROXY`, and
 * rejects one whose methods are not Node's.
 */
export function keepsAgent(agent: unknown, proxy: unknown): boolean {
  const options = (agent as { options?: { proxyEnv?: unknown } } | null | undefined)?.options;
  return proxy === false && typeof options?.proxyEnv === 'object' && options.proxyEnv !== null;
}
