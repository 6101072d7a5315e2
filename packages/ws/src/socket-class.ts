import type { EventEmitter } from 'node:events';
import { type Lanes, override } from '@laneway/core';
import { bindEmitter, bindLike, lanesOf, prepareEmitters } from '@laneway/node-http';

const prepared = new WeakSet<object>();

/**
 * Makes all listeners of a WebSocket run in the context of a request, and its callbacks in the context of the code that passes them.
 *
 * ws runs the compression jobs of one connection in the callbacks of another, so both would run in the lane of that connection.
 *
 * The methods are on the class of the socket, which is the same for all sockets, so each socket costs one property.
 */
export function bindSocket(socket: EventEmitter, request: EventEmitter): void {
  prepareClassOf(socket);
  bindLike(socket, request);
}

/** Like {@link bindSocket}, for the socket of a client: its listeners run in the current context. */
export function bindClient(socket: EventEmitter, lanes: Lanes): void {
  prepareClassOf(socket);
  bindEmitter(socket).place.lanes = lanes;
}

/** Returns a list of arguments in which each function is bound to the current context. */
export function bindCallbacks(args: readonly unknown[], lanes: Lanes): unknown[] {
  return args.map((arg) => (typeof arg === 'function' ? lanes.bind(arg as () => unknown) : arg));
}

function prepareClassOf(socket: EventEmitter): void {
  const prototype = findOwner(socket, 'send');
  if (prototype === undefined || prepared.has(prototype)) return;
  prepared.add(prototype);
  prepareEmitters(prototype);
  const bound = (original: (...args: never[]) => unknown) =>
    /** Sockets that are not bound send as before. */
    function (this: unknown, ...args: unknown[]): unknown {
      const lanes = lanesOf(this as EventEmitter);
      return Reflect.apply(original, this, lanes === undefined ? args : bindCallbacks(args, lanes));
    };
  override(prototype, { send: bound, ping: bound, pong: bound });
}

/** Returns the class in the chain of a socket that has a method. A class that extends ws' own may have its own. */
function findOwner(socket: object, name: string): EventEmitter | undefined {
  let owner: object | null = Reflect.getPrototypeOf(socket);
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Reflect.getPrototypeOf(owner);
  return (owner as EventEmitter | null) ?? undefined;
}
