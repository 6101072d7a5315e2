import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { type AxiosConfig, ConfigLanes } from './config-lanes.js';
import { insertInterceptors, type InterceptorManager } from './interceptors.js';

/** The part of an axios that {@link laneAxios} uses, by shape: so it fits every version. */
export interface AxiosClient {
  readonly interceptors: { readonly request: unknown; readonly response: unknown };
  // `never` takes any configuration.
  getUri(config?: never): string;
}

/** Instances have this method too, but the types of early versions do not say so. */
interface Creator {
  create?: (config?: unknown) => AxiosClient;
}

// Those that are laned already: again, the last lanes hold.
const laned = new WeakMap<AxiosClient, ConfigLanes>();

/**
 * Makes an axios attach the lane it is called in: to each redirect hop by itself, to each retry, whichever adapter sends it. Returns the
 * same instance, as axios' own add-ons do; what its `create` makes from now on is laned as well.
 *
 * To leave the default instance as it is, which everybody in the process shares who imports axios, hand it `axios.create()`.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no instance of axios, or no lanes
 * @example
 * import axios from 'axios';
 *
 * const client = laneAxios(axios.create({ baseURL: 'http://helloworld:5000' }), lanes);
 * const { data } = await client.get('/hello');
 */
export function laneAxios<A extends AxiosClient>(instance: A, lanes?: Lanes): A {
  const own = lanesFor('laneAxios', lanes);
  const { request, response } = instance?.interceptors ?? {};
  if (!isManager(request) || !isManager(response))
    throw new LanewayAdapterError(
      'laneAxios was handed no instance of axios. Hand it the default export of axios, or what axios.create() returns.',
    );
  const known = laned.get(instance);
  if (known !== undefined) {
    known.lanes = own;
    return instance;
  }
  const configs = new ConfigLanes(own, (config) => uriOf(instance, config));
  laned.set(instance, configs);
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
    // axios has an error of its own for what is no address.
    return undefined;
  }
}
