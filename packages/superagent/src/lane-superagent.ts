import http from 'node:http';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { laneRequest, type SuperagentRequest } from './lane-request.js';

/** What {@link laneSuperagent} takes: superagent itself, one of its agents, or one of its requests. */
export type SuperagentClient = ((...args: never[]) => unknown) | { use(plugin: never): unknown };

type Make = (...args: unknown[]) => SuperagentRequest;

// superagent has a function for each of these, and one more for those who may not write `delete`.
const METHODS: ReadonlySet<PropertyKey> = new Set(['del', ...http.METHODS.map((name) => name.toLowerCase())]);

/**
 * Returns a superagent whose requests carry the lane they are made in: on each redirect hop by itself, and on each retry. superagent
 * itself stays as it is.
 *
 * Handed an agent or a request, it is a plugin of theirs: `agent.use((request) => …)`, which returns the same agent or request.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no superagent, or no lanes
 * @example
 * import superagent from 'superagent';
 *
 * const request = laneSuperagent(superagent, lanes);
 * const response = await request.get('http://helloworld:5000/hello').retry(2);
 * @example
 * const agent = laneSuperagent(superagent.agent(), lanes);
 */
export function laneSuperagent<C extends SuperagentClient>(client: C, lanes?: Lanes): C {
  const own = lanesFor('laneSuperagent', lanes);
  if (typeof client === 'function') return laneModule(client, own) as C;
  if (typeof client?.use === 'function') return laneUser(client, own);
  throw new LanewayAdapterError(
    'laneSuperagent was handed no superagent. Hand it the export of superagent, superagent.agent(), or a request.',
  );
}

function laneUser<C extends object>(user: C, lanes: Lanes): C {
  const { use } = user as { use(plugin: (request: SuperagentRequest) => unknown): unknown };
  use.call(user, (request) => laneRequest(request, lanes));
  return user;
}

function laneModule<C extends (...args: never[]) => unknown>(superagent: C, lanes: Lanes): C {
  return new Proxy(superagent, {
    apply(target, self, args: unknown[]): unknown {
      const { request, ended } = laneCall(target as unknown as Make, self, args, lanes);
      return ended === undefined ? request : ended.result;
    },
    get(target, key): unknown {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (METHODS.has(key))
        return (...args: unknown[]) => laneCall(value as Make, target, args, lanes).request;
      if (key === 'Request')
        return laneClass(value, (request: SuperagentRequest) => laneRequest(request, lanes));
      if (key === 'agent') return laneClass(value, (agent: object) => laneUser(agent, lanes));
      return value;
    },
  });
}

/** A call that makes a request, and sends it at once when there is a callback: it must be laned before. */
function laneCall(
  make: Make,
  self: unknown,
  args: unknown[],
  lanes: Lanes,
): { request: SuperagentRequest; ended?: { result: unknown } } {
  // The first is a method or a URL.
  const callback = args.findIndex((arg, index) => index > 0 && typeof arg === 'function');
  const made = Reflect.apply(make, self, callback < 0 ? args : args.slice(0, callback));
  const request = laneRequest(made, lanes);
  return callback < 0 ? { request } : { request, ended: { result: request.end(args[callback]) } };
}

/** A class whose instances are laned, be they made with `new` or without. */
function laneClass<T extends object>(made: object, lane: (instance: T) => T): unknown {
  return new Proxy(made as new () => T, {
    apply: (target, self: T, args: unknown[]): unknown => {
      const result = Reflect.apply(target as unknown as (...args: unknown[]) => T | undefined, self, args);
      // A constructor that a subclass calls on its instance returns nothing.
      lane(result ?? self);
      return result;
    },
    construct: (target, args: unknown[], newTarget) => lane(Reflect.construct(target, args, newTarget) as T),
  });
}
