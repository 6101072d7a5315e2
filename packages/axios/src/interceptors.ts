import type { AxiosConfig, ConfigLanes } from './config-lanes.js';

/** An interceptor of axios, as its manager hands it on. */
interface Interceptor {
  readonly fulfilled: ((value: never) => unknown) | undefined;
  readonly rejected: ((error: never) => unknown) | undefined;
  readonly synchronous?: boolean;
  readonly runWhen?: (config: AxiosConfig) => boolean;
}

/** Where an axios keeps its interceptors of one kind; it asks for them at each call. */
export interface InterceptorManager {
  forEach(take: (interceptor: Interceptor) => void): void;
}

/** What is handed back of a call: a response, or an error, which may have one. */
interface Settled {
  config?: AxiosConfig | undefined;
  readonly response?: { config?: AxiosConfig | undefined } | undefined;
}

/**
 * Puts ours behind all interceptors of requests, and before all of responses, whenever those were added: those of the user neither see
 * nor lose what the adapter is given.
 *
 * `use` would not do, as axios runs interceptors of requests in the reverse order. That it asks its managers by `forEach` is not
 * documented; where it does not, calls carry no lane.
 */
export function insertInterceptors(
  request: InterceptorManager,
  response: InterceptorManager,
  configs: ConfigLanes,
): void {
  const attach = {
    fulfilled: (config: AxiosConfig): AxiosConfig => configs.attach(config),
    rejected: undefined,
    // Else a call that has no other interceptors would be sent a turn later.
    synchronous: true,
  };
  const first: Interceptor = { ...attach, runWhen: isReversed };
  const last: Interceptor = { ...attach, runWhen: (config) => !isReversed(config) };
  const takeBack: Interceptor = {
    fulfilled(settled: Settled): Settled {
      takeBackFrom(settled, configs);
      return settled;
    },
    rejected(error: Settled): never {
      takeBackFrom(error, configs);
      throw error;
    },
  };
  wrapForEach(request, [first], [last]);
  wrapForEach(response, [takeBack], []);
}

/** In later versions, the order may be that in which they were added. */
function isReversed({ transitional }: AxiosConfig): boolean {
  return transitional?.legacyInterceptorReqResOrdering !== false;
}

function takeBackFrom(settled: Settled | null | undefined, configs: ConfigLanes): void {
  for (const part of [settled, settled?.response]) {
    const config = configs.takeBack(part?.config);
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
