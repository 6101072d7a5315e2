import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { type Fetch, laneFetch } from '@laneway/fetch';

/** ky, or an instance that `create` or `extend` created. */
export interface KyInstance {
  // `never` accepts the options type of every ky version.
  readonly extend: (options: never) => unknown;
}

interface Options {
  readonly fetch?: unknown;
}

/**
 * Returns an instance of ky that attaches the caller's lane to each attempt and each redirect hop.
 *
 * @param ky ky, or an instance; its defaults are kept
 * @param lanes @default the process default, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `ky` is not ky, or `lanes` is not the result of `defineLanes`
 * @example
 * import ky from 'ky';
 *
 * const api = laneKy(ky, lanes).extend({ prefixUrl: 'http://helloworld:5000' });
 * await api.get('hello').text();
 */
export function laneKy<K extends KyInstance>(ky: K, lanes?: Lanes): K {
  if (typeof ky?.extend !== 'function')
    throw new LanewayAdapterError(
      'laneKy received something that is not ky. Pass the default export of ky, or an instance.',
    );
  const resolved = lanesFor('laneKy', lanes);
  const extend = ky.extend as unknown as (options: Options | ((defaults: Options) => Options)) => K;
  const withLaneFetch = ({ fetch }: Options): Options => ({
    fetch: laneFetch(typeof fetch === 'function' ? (fetch as Fetch) : globalThis.fetch, resolved),
  });
  try {
    return extend(withLaneFetch);
  } catch {
    // The first versions of ky 1 don't accept a function.
    return extend(withLaneFetch({}));
  }
}
