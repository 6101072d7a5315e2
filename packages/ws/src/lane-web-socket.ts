import { EventEmitter } from 'node:events';
import http, { type ClientRequest } from 'node:http';
import { BASELINE, type Lanes, lanesFor, wrongArgument } from '@laneway/core';
import { attachRequest, bindRequest, callAgent, requestTarget } from '@laneway/node-http';
import { bindClient } from './socket-class.js';

/** A class of WebSocket clients. */
// `never` accepts every typed class.
export type WebSocketClass = new (...args: never[]) => object;

type Client = new (...args: unknown[]) => EventEmitter;

/** The agents that attach the lane themselves, because each call got a wrapped one. */
const attaching = new WeakSet<object>();

/**
 * Returns a class that extends `WebSocket` of ws. Its handshake carries the lane of the code that opens the socket, if egress allows the
 * destination, and so does each redirect with `followRedirects`. Its listeners run in the context of that code. The original is not changed.
 *
 * @param original `WebSocket` of ws, or a class that extends it
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `original` is not such a class, or `lanes` are not lanes
 * @example
 * const LaneWebSocket = laneWebSocket(WebSocket, lanes);
 * const socket = new LaneWebSocket('ws://chat.default.svc');
 */
export function laneWebSocket<C extends WebSocketClass>(original: C, lanes?: Lanes): C {
  const used = lanesFor('laneWebSocket', lanes);
  if (!isClientClass(original))
    throw wrongArgument('laneWebSocket', original, 'a class of ws clients', 'WebSocket of ws');
  const Base: Client = original;
  const LaneWebSocket = class extends Base {
    constructor(...args: unknown[]) {
      super(...wrapAgent(args, used));
      // A server creates its sockets without an address.
      if (args[0] !== null) bindClient(this, used);
    }
  };
  Object.defineProperty(LaneWebSocket, 'name', { value: original.name });
  Object.defineProperty(LaneWebSocket.prototype, '_req', attachEachRequest(used));
  return LaneWebSocket as unknown as C;
}

/**
 * The property in which ws stores the request of each hop, before it is sent.
 *
 * It is not public, but the same in all of 8.x, and ws below 8.8 announces a redirect in no other way. If a later version moves it, the
 * handshake carries no lane, and lane-web-socket.test.ts fails.
 */
function attachEachRequest(lanes: Lanes): PropertyDescriptor {
  const requests = new WeakMap<object, unknown>();
  return {
    configurable: true,
    get(this: object): unknown {
      return requests.get(this);
    },
    set(this: object, request: unknown) {
      requests.set(this, request);
      if (request instanceof EventEmitter) attachHop(request as ClientRequest, lanes);
    },
  };
}

function attachHop(request: ClientRequest, lanes: Lanes): void {
  // Its responses and redirects continue the code that opened the socket, also on a connection of a shared agent.
  bindRequest(request);
  const { agent } = request as { agent?: object | null };
  if (agent && attaching.has(agent)) return;
  attachRequest(request, requestTarget(request, agent), { lanes, lane: lanes.current() });
}

/** Returns the arguments of the constructor with an agent that attaches the lane: only the agent knows where it connects to. */
function wrapAgent(args: unknown[], lanes: Lanes): unknown[] {
  const lane = lanes.current();
  const index = args.findIndex(
    (arg, at) => at > 0 && typeof arg === 'object' && arg !== null && !Array.isArray(arg),
  );
  const { agent } = (args[index] ?? {}) as { agent?: unknown };
  if (lane === BASELINE || typeof agent !== 'object' || agent === null) return args;
  const wrapped = callAgent(agent, http, { lanes, lane });
  if (wrapped === agent) return args;
  attaching.add(agent);
  return args.with(index, { ...(args[index] as object), agent: wrapped });
}

function isClientClass(value: unknown): value is Client {
  return typeof value === 'function' && value.prototype instanceof EventEmitter && 'send' in value.prototype;
}
