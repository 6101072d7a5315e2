import http from 'node:http';
import https from 'node:https';
import { type AttachedHeader, attachedHeaders, BASELINE, type Carrier, type Lanes } from '@laneway/core';
import { callAgent, type CallLane, givenAgent, isHttpMocked } from '@laneway/node-http';
import { LanedFetches } from './laned-fetches.js';
import { laneRedirects } from './lane-redirects.js';
import { keepsAgent, mayProxy, mayTunnel } from './proxies.js';

/** The configuration of one call of axios, as far as it concerns us. */
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

// What we put into a configuration.
const OURS: ReadonlySet<string> = new Set(['httpAgent', 'httpsAgent', 'env', 'beforeRedirect']);

/** Puts lanes into the configurations of calls, for their adapters, and takes them out again. */
export class ConfigLanes {
  #lanes: Lanes;
  #fetches: LanedFetches;
  readonly #uriOf: (config: AxiosConfig) => string | undefined;
  // The configuration that a copy was made of.
  readonly #given = new WeakMap<AxiosConfig, AxiosConfig>();
  // How to put back what the caller had said, for what we put in its place.
  readonly #undo = new WeakMap<object, (config: AxiosConfig) => void>();

  /** @param uriOf where a call goes; `undefined` when it goes nowhere */
  constructor(lanes: Lanes, uriOf: (config: AxiosConfig) => string | undefined) {
    this.#lanes = lanes;
    this.#fetches = new LanedFetches(lanes);
    this.#uriOf = uriOf;
  }

  get lanes(): Lanes {
    return this.#lanes;
  }

  set lanes(lanes: Lanes) {
    this.#lanes = lanes;
    this.#fetches = new LanedFetches(lanes);
  }

  /** The configuration of a call, with what attaches the lane of this moment. */
  attach(config: AxiosConfig): AxiosConfig {
    // An interceptor may return nonsense, for which axios has an error of its own; as for a call that is cancelled already.
    if (typeof config !== 'object' || config === null || isCancelled(config)) return config;
    const laned = this.#isFree(config) ? config : this.#copy(config);
    const call: CallLane = { lanes: this.#lanes, lane: this.#lanes.current() };
    const adapter = adapterOf(laned);
    if (adapter === 'fetch') this.#attachToFetch(laned);
    else if (Number(laned.httpVersion) === 2) this.#attachToHeaders(laned, call);
    else {
      attachToAgents(laned, call);
      if (adapter === 'http' && isHttpMocked()) this.#attachToMock(laned, call);
    }
    return laned;
  }

  /** The caller's configuration, as axios would have left it, for one that a call was made with. */
  takeBack(config: AxiosConfig | undefined): AxiosConfig | undefined {
    if (typeof config !== 'object' || config === null) return config;
    this.#restore(config);
    const given = this.#given.get(config);
    if (given === undefined) return config;
    // Another call may be under way with the caller's.
    for (const key in config) if (!OURS.has(key)) Reflect.set(given, key, config[key as keyof AxiosConfig]);
    return given;
  }

  /**
   * Whether a configuration may be changed, until the call is over: one that axios has just made, without a prototype, and that is
   * not under way with another call. Others may be shared, and axios itself makes copies of them.
   */
  #isFree(config: AxiosConfig): boolean {
    return Object.getPrototypeOf(config) === null && Object.isExtensible(config) && !this.#isLaned(config);
  }

  #isLaned(config: AxiosConfig): boolean {
    const { httpAgent, httpsAgent } = config;
    if (givenAgent(httpAgent) !== httpAgent || givenAgent(httpsAgent) !== httpsAgent) return true;
    return undoable(config).some((ours) => this.#undo.has(ours));
  }

  #copy(config: AxiosConfig): AxiosConfig {
    const copy = Object.assign(Object.create(Object.getPrototypeOf(config) as object) as AxiosConfig, config);
    // Where a configuration has no prototype, it has this one method, which is not enumerable.
    const method = Object.getOwnPropertyDescriptor(config, 'hasOwnProperty');
    if (method !== undefined) Object.defineProperty(copy, 'hasOwnProperty', method);
    this.#given.set(copy, config);
    this.#restore(copy);
    return copy;
  }

  #restore(config: AxiosConfig): void {
    for (const ours of undoable(config)) this.#undo.get(ours)?.(config);
    for (const key of ['httpAgent', 'httpsAgent'] as const) {
      const given = givenAgent(config[key]);
      if (given === config[key]) continue;
      if (given === undefined) Reflect.deleteProperty(config, key);
      else config[key] = given;
    }
  }

  /** The adapter `fetch` calls a fetch for each call, which then follows redirects by itself. */
  #attachToFetch(config: AxiosConfig): void {
    const given = config.env;
    config.env = { ...given, fetch: this.#fetches.get(given?.fetch) };
    this.#undo.set(config.env, (settled) => (settled.env = given));
  }

  /** A mock of `node:http` asks no agent. A proxy, and a transport of the caller, follow rules that are not known here. */
  #attachToMock(config: AxiosConfig, call: CallLane): void {
    if (call.lane === BASELINE || config.transport || mayProxy(config.proxy)) return;
    const given = config.beforeRedirect;
    const own = laneRedirects(given, this.#attachToHeaders(config, call), call);
    config.beforeRedirect = own;
    this.#undo.set(own, (settled) => {
      if (given === undefined) Reflect.deleteProperty(settled, 'beforeRedirect');
      else settled.beforeRedirect = given;
    });
  }

  /**
   * Over HTTP/2, axios asks no agent, and follows no redirect.
   *
   * @returns what was added
   */
  #attachToHeaders(config: AxiosConfig, { lanes, lane }: CallLane): readonly AttachedHeader[] {
    const given = config.headers;
    const to = lane === BASELINE ? undefined : this.#uriOf(config);
    if (to === undefined || given === undefined) return [];
    const laned = lanes.attach(given as Carrier, { to, lane }) as typeof given;
    if (laned === given) return [];
    config.headers = laned;
    // In place, as axios adds its own to them.
    const changed = Object.keys(laned).filter((name) => laned[name] !== given[name]);
    this.#undo.set(laned, () => {
      for (const name of changed) {
        if (given[name] === undefined) Reflect.deleteProperty(laned, name);
        else laned[name] = given[name];
      }
    });
    return attachedHeaders(given as Carrier, laned as Carrier);
  }
}

/** What may be ours in a configuration, but for the agents. */
function undoable({ env, headers, beforeRedirect }: AxiosConfig): object[] {
  return [env, headers, beforeRedirect as object | undefined].filter(
    (ours) => (typeof ours === 'object' && ours !== null) || typeof ours === 'function',
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

/** The adapter that axios chooses, `undefined` for a function: on Node, `xhr` is passed over, and `http` is there. */
function adapterOf({ adapter }: AxiosConfig): 'http' | 'fetch' | undefined {
  const names: unknown[] = Array.isArray(adapter) ? adapter : [adapter];
  const chosen = names.find((name) => typeof name === 'function' || /^(http|fetch)$/i.test(String(name)));
  if (typeof chosen === 'function') return undefined;
  return String(chosen).toLowerCase() === 'fetch' ? 'fetch' : 'http';
}
