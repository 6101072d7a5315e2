import http from 'node:http';
import https from 'node:https';
import { type AttachedHeader, attachedHeaders, BASELINE, type Carrier, type Lanes } from '@laneway/core';
import { callAgent, type CallLane, isHttpMocked, originalAgent } from '@laneway/node-http';
import { laneRedirects } from './lane-redirects.js';
import { keepsAgent, mayProxy, mayTunnel } from './proxies.js';
import { WrappedFetches } from './wrapped-fetches.js';

/** The fields that Laneway reads or sets in the configuration of one call of axios. */
export interface AxiosConfig {
  adapter?: unknown;
  env?: { readonly fetch?: unknown } | undefined;
  headers?: Record<string, unknown> | undefined;
  httpAgent?: unknown;
  httpsAgent?: unknown;
  beforeRedirect?: unknown;
  readonly transport?: unknown;
  readonly httpVersion?: unknown;
  readonly proxy?: unknown;
  readonly signal?: { readonly aborted?: boolean } | undefined;
  readonly cancelToken?: { readonly reason?: unknown } | undefined;
  readonly transitional?: { readonly legacyInterceptorReqResOrdering?: boolean };
}

// The fields that Laneway replaces in a configuration.
const REPLACED: ReadonlySet<string> = new Set(['httpAgent', 'httpsAgent', 'env', 'beforeRedirect']);

/** Adds the lane to the configurations of calls, and restores the configurations after the call. */
export class ConfigLanes {
  #lanes: Lanes;
  #fetches: WrappedFetches;
  readonly #uriOf: (config: AxiosConfig) => string | undefined;
  // The original of each copied configuration.
  readonly #originals = new WeakMap<AxiosConfig, AxiosConfig>();
  // For each value that Laneway put into a configuration: restores the caller's value.
  readonly #undo = new WeakMap<object, (config: AxiosConfig) => void>();

  /** @param uriOf returns the URL of a call; `undefined` when it has no valid URL */
  constructor(lanes: Lanes, uriOf: (config: AxiosConfig) => string | undefined) {
    this.#lanes = lanes;
    this.#fetches = new WrappedFetches(lanes);
    this.#uriOf = uriOf;
  }

  get lanes(): Lanes {
    return this.#lanes;
  }

  set lanes(lanes: Lanes) {
    this.#lanes = lanes;
    this.#fetches = new WrappedFetches(lanes);
  }

  /** Returns the configuration of a call with agents, a fetch or headers that attach the current lane. */
  attach(config: AxiosConfig): AxiosConfig {
    // Invalid (an interceptor may return anything) or cancelled: axios rejects it.
    if (typeof config !== 'object' || config === null || isCancelled(config)) return config;
    const attached = this.#isFree(config) ? config : this.#copy(config);
    const call: CallLane = { lanes: this.#lanes, lane: this.#lanes.current() };
    const adapter = adapterOf(attached);
    if (adapter === 'fetch') this.#attachToFetch(attached);
    else if (Number(attached.httpVersion) === 2) this.#attachToHeaders(attached, call);
    else {
      attachToAgents(attached, call);
      if (adapter === 'http' && isHttpMocked()) this.#attachToMock(attached, call);
    }
    return attached;
  }

  /** Returns the caller's configuration for one that {@link attach} returned, with the other changes of axios. */
  restore(config: AxiosConfig | undefined): AxiosConfig | undefined {
    if (typeof config !== 'object' || config === null) return config;
    this.#restoreFields(config);
    const original = this.#originals.get(config);
    if (original === undefined) return config;
    // Another call may use the original now, so its replaced fields stay.
    for (const key in config)
      if (!REPLACED.has(key)) Reflect.set(original, key, config[key as keyof AxiosConfig]);
    return original;
  }

  /**
   * Whether a configuration may be changed during the call: axios has just created it (it has no prototype), and no other call uses it.
   * Other configurations may be shared.
   */
  #isFree(config: AxiosConfig): boolean {
    return Object.getPrototypeOf(config) === null && Object.isExtensible(config) && !this.#isInUse(config);
  }

  #isInUse(config: AxiosConfig): boolean {
    const { httpAgent, httpsAgent } = config;
    if (originalAgent(httpAgent) !== httpAgent || originalAgent(httpsAgent) !== httpsAgent) return true;
    return undoable(config).some((value) => this.#undo.has(value));
  }

  #copy(config: AxiosConfig): AxiosConfig {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(config) as object) as AxiosConfig, config);
    // axios gives a configuration without a prototype this method, which is not enumerable.
    const method = Object.getOwnPropertyDescriptor(config, 'hasOwnProperty');
    if (method !== undefined) Object.defineProperty(copy, 'hasOwnProperty', method);
    this.#originals.set(copy, config);
    this.#restoreFields(copy);
    return copy;
  }

  #restoreFields(config: AxiosConfig): void {
    for (const value of undoable(config)) this.#undo.get(value)?.(config);
    for (const key of ['httpAgent', 'httpsAgent'] as const) {
      const original = originalAgent(config[key]);
      if (original === config[key]) continue;
      if (original === undefined) Reflect.deleteProperty(config, key);
      else config[key] = original;
    }
  }

  /** For the adapter `fetch`: its fetch follows redirects itself. */
  #attachToFetch(config: AxiosConfig): void {
    const original = config.env;
    config.env = { ...original, fetch: this.#fetches.get(original?.fetch) };
    this.#undo.set(config.env, (settled) => (settled.env = original));
  }

  /** For a mock of `node:http`, which bypasses agents. Not with a proxy or the caller's transport, whose destinations are unknown. */
  #attachToMock(config: AxiosConfig, call: CallLane): void {
    if (call.lane === BASELINE || config.transport || mayProxy(config.proxy)) return;
    const original = config.beforeRedirect;
    const replacement = laneRedirects(original, this.#attachToHeaders(config, call), call);
    config.beforeRedirect = replacement;
    this.#undo.set(replacement, (settled) => {
      if (original === undefined) Reflect.deleteProperty(settled, 'beforeRedirect');
      else settled.beforeRedirect = original;
    });
  }

  /**
   * For HTTP/2, where axios uses no agent and follows no redirect.
   *
   * @returns the headers that were added
   */
  #attachToHeaders(config: AxiosConfig, { lanes, lane }: CallLane): readonly AttachedHeader[] {
    const original = config.headers;
    const to = lane === BASELINE ? undefined : this.#uriOf(config);
    if (to === undefined || original === undefined) return [];
    const attached = lanes.attach(original as Carrier, { to, lane }) as typeof original;
    if (attached === original) return [];
    config.headers = attached;
    // Undone in place, because axios adds headers to this object.
    const changed = Object.keys(attached).filter((name) => attached[name] !== original[name]);
    this.#undo.set(attached, () => {
      for (const name of changed) {
        if (original[name] === undefined) Reflect.deleteProperty(attached, name);
        else attached[name] = original[name];
      }
    });
    return attachedHeaders(original as Carrier, attached as Carrier);
  }
}

/** Returns the values of a configuration, except agents, that Laneway may have replaced. */
function undoable({ env, headers, beforeRedirect }: AxiosConfig): object[] {
  return [env, headers, beforeRedirect as object | undefined].filter(
    (value) => (typeof value === 'object' && value !== null) || typeof value === 'function',
  );
}

function isCancelled({ signal, cancelToken }: AxiosConfig): boolean {
  return signal?.aborted === true || cancelToken?.reason !== undefined;
}

function attachToAgents(config: AxiosConfig, call: CallLane): void {
  const { httpAgent, httpsAgent, proxy } = config;
  if (!keepsAgent(httpAgent ?? http.globalAgent, proxy)) config.httpAgent = callAgent(httpAgent, http, call);
  if (keepsAgent(httpsAgent ?? https.globalAgent, proxy)) return;
  if ((httpsAgent ?? undefined) !== undefined || !mayTunnel(proxy))
    config.httpsAgent = callAgent(httpsAgent, https, call);
}

/** Returns the adapter that axios chooses; `undefined` for a function. On Node axios skips `xhr`, and `http` is the default. */
function adapterOf({ adapter }: AxiosConfig): 'http' | 'fetch' | undefined {
  const names: unknown[] = Array.isArray(adapter) ? adapter : [adapter];
  const chosen = names.find((name) => typeof name === 'function' || /^(http|fetch)$/i.test(String(name)));
  if (typeof chosen === 'function') return undefined;
  return String(chosen).toLowerCase() === 'fetch' ? 'fetch' : 'http';
}
