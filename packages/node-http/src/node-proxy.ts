/** What Node creates for an agent's option `proxyEnv`. An internal of Node. */
interface ProxyConfig {
  readonly href: string;
  shouldUseProxy(host: string, port: unknown): boolean;
}

interface ProxyAgent {
  readonly options?: { readonly proxyEnv?: unknown; readonly protocol?: unknown };
  readonly [key: symbol]: ProxyConfig | null | undefined;
}

/**
 * Returns the proxy to which Node itself sends a request, by the agent's option `proxyEnv`. `NODE_USE_ENV_PROXY` sets it for the global
 * agents.
 *
 * It uses internals of Node. If they have changed, it finds no proxy.
 *
 * @returns `undefined` for none, and for https, where the proxy only opens a tunnel and cannot read headers
 */
export function nodeProxy(agent: unknown, host: string, port: unknown): string | undefined {
  const { options } = (agent ?? {}) as ProxyAgent;
  if (!options?.proxyEnv || options.protocol === 'https:') return undefined;
  const proxyAgent = agent as ProxyAgent;
  const key = Object.getOwnPropertySymbols(proxyAgent).find(
    ({ description }) => description === 'kProxyConfig',
  );
  const config = key && proxyAgent[key];
  if (!config || typeof config.shouldUseProxy !== 'function') return undefined;
  return config.shouldUseProxy(host, port) ? config.href : undefined;
}
