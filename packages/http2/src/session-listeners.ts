import type { EventEmitter } from 'node:events';
import type { Lanes } from '@laneway/core';

type Listener = ((...args: unknown[]) => void) & { listener?: Listener };
type ListenerMethod = (event: string | symbol, listener: Listener) => EventEmitter;
type Emitter = Record<'on' | 'addListener' | 'prependListener' | 'off' | 'removeListener', ListenerMethod>;

/**
 * Makes each listener of a session run in the context of the code that adds it. Node calls all of them in the context of the code that
 * connected, so the request of a caller that waits for `connect` would carry the lane of another caller.
 */
export function bindListeners(session: EventEmitter, lanes: Lanes): void {
  const emitter = session as unknown as Emitter;
  // `once` adds a function that removes itself. It is found here.
  const boundOnce = new WeakMap<Listener, Listener>();
  const bind = (event: string | symbol, listener: Listener): Listener => {
    // The listeners of pushed streams run at the baseline, see `laneSession`.
    if (typeof listener !== 'function' || event === 'stream') return listener;
    const bound: Listener = lanes.bind(listener);
    // Node compares this property too when it removes a listener.
    bound.listener = listener.listener ?? listener;
    if (listener.listener !== undefined) boundOnce.set(listener, bound);
    return bound;
  };
  for (const name of ['on', 'addListener', 'prependListener'] as const) {
    const add = emitter[name];
    emitter[name] = (event, listener) => Reflect.apply(add, session, [event, bind(event, listener)]);
  }
  for (const name of ['off', 'removeListener'] as const) {
    const remove = emitter[name];
    emitter[name] = (event, listener) =>
      Reflect.apply(remove, session, [event, boundOnce.get(listener) ?? listener]);
  }
}
