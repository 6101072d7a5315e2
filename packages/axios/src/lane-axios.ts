import { type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import { type AxiosConfig, ConfigLanes } from './config-lanes.js';
import { insertInterceptors, type InterceptorManager } from './interceptors.js';

/** The part of an axios instance that {@link laneAxios} uses. It fits every version. */
export interface AxiosClient {
  readonly interceptors: { readonly request: unknown; readonly response: unknown };
  // `never` accepts any configuration.
  getUri(config?: never): string;
}

/** Instances have this method too, but the types of early versions lack it. */
interface Creator {
  create?: (config?: unknown) => AxiosClient;
}

// The instances that are wrapped. Wrapping one again replaces its lanes.
const wrapped = new WeakMap<AxiosClient, ConfigLanes>();

/**
 * Makes an axios instance carry the lane of the code that calls it, on every redirect hop and retry that egress allows.
 *
 * Returns the same instance. Instances that its `create` returns later are wrapped too. The whole process shares the default instance; pass
 * `axios.create()` to leave it unchanged.
 *
 * @param instance the default export of axios, or what `axios.create()` returns
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `instance` is not an axios instance, or `lanes` are not lanes
 * @example
 * import axios from 'axios';
 *
 * const client = laneAxios(axios.create({ baseURL: 'http://helloworld:5000' }), lanes);
 * const { data } = await client.get('/hello');
 */
export function laneAxios<A extends AxiosClient>(instance: A, lanes?: Lanes): A {
  const resolved = lanesFor('laneAxios', lanes);
  const { request, response } = instance?.interceptors ?? {};
  if (!isManager(request) || !isManager(response))
    throw wrongArgument(
      'laneAxios',
      instance,
      'an axios instance',
      'the default export of axios, or what axios.create() returns',
    );
  const known = wrapped.get(instance);
  if (known !== undefined) {
    known.lanes = resolved;
    return instance;
  }
  const configs = new ConfigLanes(resolved, (config) => uriOf(instance, config));
  wrapped.set(instance, configs);
  insertInterceptors(request, response, configs);
  const creator = instance as AxiosClient & Creator;
  const { create } = creator;
  if (create !== undefined)
    creator.create = (config) => laneAxios(create.call(instance, config), configs.lanes);
  return instance;
}

function isManager(value: unknown): value is InterceptorManager {
  return typeof (value as InterceptorManager | undefined)?.forEach === 'function';
}

function uriOf(instance: AxiosClient, config: AxiosConfig): string | undefined {
  try {
    return instance.getUri(config as never);
  } catch {
    // Not a valid URL: axios rejects it.
    return undefined;
  }
}
