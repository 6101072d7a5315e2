import type { EventEmitter } from 'node:events';
import { snapshot } from '@laneway/core';

type Enter = ReturnType<typeof snapshot>;
type Emit = EventEmitter['emit'];
type Listeners = Pick<
  EventEmitter,
  'addListener' | 'on' | 'once' | 'prependListener' | 'prependOnceListener'
>;

// Registered: two copies of this package that bind one emitter share its one context.
const ENTER = Symbol.for('laneway.enter.1');
const EMIT = Symbol.for('laneway.emit.1');

interface Bound extends EventEmitter {
  [ENTER]: Enter;
  [EMIT]: Emit;
}
const ADDERS: readonly (keyof Listeners)[] = [
  'addListener',
  'on',
  'once',
  'prependListener',
  'prependOnceListener',
];

/**
 * Makes every later event of an emitter run in the context of this moment, whoever adds the listener and whoever emits.
 *
 * Sockets, parsers and streams emit from where they were opened (node#33723, node#34430): another request's lane, or none. Binding
 * again replaces the context.
 *
 * @param enter calls a function in the context @default that of this moment
 */
export function bindEmitter(emitter: EventEmitter, enter: Enter = snapshot()): void {
  const bound = emitter as Bound & { [ENTER]?: Enter };
  if (bound[ENTER] === undefined) {
    const emit: Emit = bound.emit;
    bound[EMIT] = emit;
    bound.emit = emitInContext;
  }
  bound[ENTER] = enter;
  if (Object.hasOwn(emitter, 'on')) dropOlderBinding(emitter);
}

function emitInContext(this: Bound, event: string | symbol, ...args: unknown[]): boolean {
  // Most events have no listener, and then no context to enter.
  if (this.listenerCount(event) === 0) return callEmit(this, event, args);
  return this[ENTER](callEmit, this, event, args);
}

function callEmit(emitter: Bound, event: string | symbol, args: unknown[]): boolean {
  return emitter[EMIT](event, ...args);
}

/**
 * OpenTelemetry's http instrumentation binds requests and responses too, by methods of their own that wrap each listener in the
 * context of the request's start, so that it would run there and not in ours. Ours is made from that one, and holds all that it
 * holds; so listeners are added without that wrapping from now on. Its way of removing listeners stays, for those that have it.
 */
function dropOlderBinding(emitter: EventEmitter): void {
  const marks = Object.getOwnPropertySymbols(emitter);
  if (!marks.some((mark) => mark.description === 'OtListeners')) return;
  for (const name of ADDERS) Reflect.deleteProperty(emitter, name);
}
