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

/** The result of a call: a response, or an error that may contain a response. */
interface Settled {
  config?: AxiosConfig | undefined;
  readonly response?: { config?: AxiosConfig | undefined } | undefined;
}

/**
 * Adds an interceptor that runs after all request interceptors, and one that runs before all response interceptors. The user's
 * interceptors, added earlier or later, never see the configuration that carries the lane.
 *
 * It wraps `forEach`, with which axios reads the interceptors at each call. Not `use`: the order would depend on when the user adds others.
 * `forEach` is an internal: if a version of axios stops calling it, calls carry no lane.
 */
export function insertInterceptors(
  request: InterceptorManager,
  response: InterceptorManager,
  configs: ConfigLanes,
): void {
  const attach = {
    fulfilled: (config: AxiosConfig): AxiosConfig => configs.attach(config),
    rejected: undefined,
    // Without it, axios would wait for a promise before it sends a call that has no other interceptors.
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

/** Whether axios runs the interceptor that was added last first. Later versions of axios have an option that turns this off. */
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
