import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { type Fetch, laneFetch } from '@laneway/fetch';

/** ky, or an instance that `create` or `extend` made. */
export interface KyInstance {
  // `never` takes every version's options.
  readonly extend: (options: never) => unknown;
}

interface Options {
  readonly fetch?: unknown;
}

// Looked up at each call, as ky does: others may replace it later.
const globalFetch: Fetch = (...args) => globalThis.fetch(...(args as unknown as [string]));

/**
 * Returns an instance of ky that attaches the lane it is called in, to each attempt and to each redirect hop by itself.
 *
 * @param ky ky, or an instance, whose defaults are kept
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no ky, or no lanes
 * @example
 * import ky from 'ky';
 *
 * const api = laneKy(ky, lanes).extend({ prefixUrl: 'http://helloworld:5000' });
 * await api.get('hello').text();
 */
export function laneKy<K extends KyInstance>(ky: K, lanes?: Lanes): K {
  if (typeof ky?.extend !== 'function')
    throw new LanewayAdapterError(
      'laneKy was handed no ky. Hand it the default export of ky, or an instance.',
    );
  const own = lanesFor('laneKy', lanes);
  const extend = ky.extend as unknown as (options: Options | ((defaults: Options) => Options)) => K;
  const laned = ({ fetch }: Options): Options => ({
    fetch: laneFetch(typeof fetch === 'function' ? (fetch as Fetch) : globalFetch, own),
  });
  try {
    return extend(laned);
  } catch {
    // The first versions of ky 1 do not tell their defaults.
    return extend(laned({}));
  }
}
