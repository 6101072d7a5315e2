import http from 'node:http';
import { type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import { laneRequest, type SuperagentRequest } from './lane-request.js';

/** What {@link laneSuperagent} accepts: superagent itself, one of its agents, or one of its requests. */
export type SuperagentClient = ((...args: never[]) => unknown) | { use(plugin: never): unknown };

type CreateRequest = (...args: unknown[]) => SuperagentRequest;

// superagent has a function for each HTTP method, and `del` as an alias of `delete`.
const METHODS: ReadonlySet<PropertyKey> = new Set(['del', ...http.METHODS.map((name) => name.toLowerCase())]);

/**
 * Wraps superagent: each request carries the lane of the code that creates it, on every redirect hop and retry that egress allows.
 * superagent itself is not changed.
 *
 * An agent or a request is wrapped as by a plugin (`agent.use`), and the same agent or request is returned.
 *
 * @param client the export of superagent, an agent, or a request
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `client` is none of these, or `lanes` is not what `defineLanes` returns
 * @example
 * import superagent from 'superagent';
 *
 * const request = laneSuperagent(superagent, lanes);
 * const response = await request.get('http://helloworld:5000/hello').retry(2);
 * @example
 * const agent = laneSuperagent(superagent.agent(), lanes);
 */
export function laneSuperagent<C extends SuperagentClient>(client: C, lanes?: Lanes): C {
  const resolved = lanesFor('laneSuperagent', lanes);
  if (typeof client === 'function') return laneModule(client, resolved) as C;
  if (typeof client?.use === 'function') return addPlugin(client, resolved);
  throw wrongArgument(
    'laneSuperagent',
    client,
    'superagent',
    'the export of superagent, superagent.agent(), or a request',
  );
}

/** Adds the plugin that wraps requests to an agent or a request, and returns it. */
function addPlugin<C extends object>(client: C, lanes: Lanes): C {
  const { use } = client as { use(plugin: (request: SuperagentRequest) => unknown): unknown };
  use.call(client, (request) => laneRequest(request, lanes));
  return client;
}

function laneModule<C extends (...args: never[]) => unknown>(superagent: C, lanes: Lanes): C {
  return new Proxy(superagent, {
    apply(target, self, args: unknown[]): unknown {
      const { request, ended } = laneCall(target as unknown as CreateRequest, self, args, lanes);
      return ended === undefined ? request : ended.result;
    },
    get(target, key): unknown {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (METHODS.has(key))
        return (...args: unknown[]) => laneCall(value as CreateRequest, target, args, lanes).request;
      if (key === 'Request')
        return laneClass(value, (request: SuperagentRequest) => laneRequest(request, lanes));
      if (key === 'agent') return laneClass(value, (agent: object) => addPlugin(agent, lanes));
      return value;
    },
  });
}

/** Creates a request without its callback, and wraps it: superagent sends a request at once when there is a callback. */
function laneCall(
  create: CreateRequest,
  self: unknown,
  args: unknown[],
  lanes: Lanes,
): { request: SuperagentRequest; ended?: { result: unknown } } {
  // The first argument is a method or a URL.
  const callback = args.findIndex((arg, index) => index > 0 && typeof arg === 'function');
  const created = Reflect.apply(create, self, callback < 0 ? args : args.slice(0, callback));
  const request = laneRequest(created, lanes);
  return callback < 0 ? { request } : { request, ended: { result: request.end(args[callback]) } };
}

/** Wraps a class so that `wrap` is called for each instance, whether it is created with `new` or without. */
function laneClass<T extends object>(original: object, wrap: (instance: T) => T): unknown {
  return new Proxy(original as new () => T, {
    apply: (target, self: T, args: unknown[]): unknown => {
      const result = Reflect.apply(target as unknown as (...args: unknown[]) => T | undefined, self, args);
      // A constructor that a subclass calls on its instance returns undefined.
      wrap(result ?? self);
      return result;
    },
    construct: (target, args: unknown[], newTarget) => wrap(Reflect.construct(target, args, newTarget) as T),
  });
}
