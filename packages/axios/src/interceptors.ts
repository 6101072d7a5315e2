import type { AxiosConfig, ConfigLanes } from './config-lanes.js';

/** An interceptor of axios, as its manager stores it. */
interface Interceptor {
  readonly fulfilled: ((value: never) => unknown) | undefined;
  readonly rejected: ((error: never) => unknown) | undefined;
  readonly synchronous?: boolean;
  readonly runWhen?: (config: AxiosConfig) => boolean;
}

/** Stores the request or the response interceptors of an instance. axios reads them at each call. */
export interface InterceptorManager {
  forEach(take: (interceptor: Interceptor) => void): void;
}

/** The result of a call: a response, or an error, which may have a response. */
interface Settled {
  config?: AxiosConfig | undefined;
  readonly response?: { config?: AxiosConfig | undefined } | undefined;
}

/**
 * Adds an interceptor after all request interceptors and one before all response interceptors, whenever the others were added. So the
 * user's interceptors never see the configuration that carries the lane.
 *
 * Not `use`: axios runs request interceptors in reverse order. That axios reads its managers with `forEach` is an internal; without it,
 * calls carry no lane.
 */
export function insertInterceptors(
  request: InterceptorManager,
  response: InterceptorManager,
  configs: ConfigLanes,
): void {
  const attach = {
    fulfilled: (config: AxiosConfig): AxiosConfig => configs.attach(config),
    rejected: undefined,
    // Otherwise a call without other interceptors would be sent one turn later.
    synchronous: true,
  };
  const first: Interceptor = { ...attach, runWhen: isReversed };
  const last: Interceptor = { ...attach, runWhen: (config) => !isReversed(config) };
  const restore: Interceptor = {
    fulfilled(settled: Settled): Settled {
      restoreConfigs(settled, configs);
      return settled;
    },
    rejected(error: Settled): never {
      restoreConfigs(error, configs);
      throw error;
    },
  };
  wrapForEach(request, [first], [last]);
  wrapForEach(response, [restore], []);
}

/** Whether axios runs request interceptors in reverse order. Later versions have an option for the order in which they were added. */
function isReversed({ transitional }: AxiosConfig): boolean {
  return transitional?.legacyInterceptorReqResOrdering !== false;
}

function restoreConfigs(settled: Settled | null | undefined, configs: ConfigLanes): void {
  for (const part of [settled, settled?.response]) {
    const config = configs.restore(part?.config);
    if (part && config !== part.config) Reflect.set(part, 'config', config);
  }
}

function wrapForEach(
  manager: InterceptorManager,
  before: readonly Interceptor[],
  after: readonly Interceptor[],
): void {
  const { forEach } = manager;
  manager.forEach = function (this: InterceptorManager, take): void {
    before.forEach(take);
    forEach.call(this, take);
    after.forEach(take);
  };
}
