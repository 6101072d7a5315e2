import type { EventEmitter } from 'node:events';
import { snapshot } from '@laneway/core';

type Enter = ReturnType<typeof snapshot>;
type Emit = EventEmitter['emit'];
type Listeners = Pick<
  EventEmitter,
  'addListener' | 'on' | 'once' | 'prependListener' | 'prependOnceListener'
>;

const ENTER = Symbol.for('laneway.enter.1');
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
 */
export function bindEmitter(emitter: EventEmitter): void {
  const bound = emitter as EventEmitter & { [ENTER]?: Enter };
  const emit: Emit = bound.emit;
  if (bound[ENTER] === undefined) bound.emit = boundEmit(emit);
  bound[ENTER] = snapshot();
  if (Object.hasOwn(emitter, 'on')) dropOlderBinding(emitter);
}

function boundEmit(emit: Emit): Emit {
  return function (this: EventEmitter & { [ENTER]: Enter }, ...args) {
    return this[ENTER](callEmit, emit, this, args);
  };
}

function callEmit(emit: Emit, emitter: EventEmitter, args: Parameters<Emit>): boolean {
  return Reflect.apply(emit, emitter, args);
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
