/** What Node makes of an agent's option `proxyEnv`. An internal of Node. */
interface ProxyConfig {
  readonly href: string;
  shouldUseProxy(host: string, port: unknown): boolean;
}

interface ProxyAgent {
  readonly options?: { readonly proxyEnv?: unknown; readonly protocol?: unknown };
  readonly [key: symbol]: ProxyConfig | null | undefined;
}

/**
 * The proxy that Node itself sends a request to, by the agent's option `proxyEnv`: with `NODE_USE_ENV_PROXY`, that of the global agents.
 *
 * The one place that knows how Node keeps it; where that is not as expected, no proxy is seen.
 *
 * @returns `undefined` for none, and for https, where the proxy is a tunnel and sees no headers
 */
export function nodeProxy(agent: unknown, host: string, port: unknown): string | undefined {
  const { options } = (agent ?? {}) as ProxyAgent;
  if (!options?.proxyEnv || options.protocol === 'https:') return undefined;
  const own = agent as ProxyAgent;
  const key = Object.getOwnPropertySymbols(own).find(({ description }) => description === 'kProxyConfig');
  const config = key && own[key];
  if (!config || typeof config.shouldUseProxy !== 'function') return undefined;
  return config.shouldUseProxy(host, port) ? config.href : undefined;
}
