import { EventEmitter } from 'node:events';
import { belongsTo, haveSameLane, type Lanes } from '@laneway/core';
import { type Context, context } from '@opentelemetry/api';

type Listeners = Pick<
  EventEmitter,
  'addListener' | 'on' | 'once' | 'prependListener' | 'prependOnceListener'
>;

/** The context of a unit of work. It is replaced when a middleware sets another lane: the functions after it run in that lane. */
export interface Place {
  context: Context;
  /** The `lanes` that captured the lane of the request. */
  lanes: Lanes | undefined;
}

/** The binding of an emitter. */
export class Binding {
  /**
   * @param emit the emitter's original method
   * @param place the context, which the request shares with its response or socket
   * @param before called before an event that has a listener
   */
  constructor(
    readonly emit: EventEmitter['emit'],
    readonly place: Place,
    readonly before: BeforeEvent | undefined,
  ) {}

  get context(): Context {
    return this.place.context;
  }
}

/** The type of {@link Binding.before}. `event` holds the name of the event and then its arguments. */
export type BeforeEvent = (event: ArrayLike<unknown>, binding: Binding) => void;

// A registered symbol, so that two copies of this package share the context of an emitter.
const BINDING = Symbol.for('laneway.binding.2');
const { emit: plainEmit } = EventEmitter.prototype;

interface Bound extends EventEmitter {
  [BINDING]?: Binding;
}

const ADDERS: readonly (keyof Listeners)[] = [
  'addListener',
  'on',
  'once',
  'prependListener',
  'prependOnceListener',
];

/**
 * Makes all listeners of an emitter run in the current context, whichever code adds them or emits. Binding again replaces the context.
 *
 * Sockets, parsers and streams emit in the context that opened them (node#33723, node#34430): another request's lane, or none.
 *
 * @param like the binding of another emitter, to share its context @default the current context
 * @param before called before each event that has a listener
 * @returns the binding
 */
export function bindEmitter(emitter: EventEmitter, like?: Binding, before?: BeforeEvent): Binding {
  const bound = emitter as Bound;
  const emit = bound[BINDING]?.emit ?? emitBefore(bound);
  const isLike = like !== undefined && like.emit === emit && like.before === before;
  const binding = isLike
    ? like
    : new Binding(emit, like?.place ?? { context: context.active(), lanes: undefined }, before);
  if (bound[BINDING] === undefined && bound.emit !== emitOverPlain)
    bound.emit = emit === plainEmit ? emitOverPlain : emitOverCustom;
  bound[BINDING] = binding;
  if (Object.hasOwn(emitter, 'on')) dropOlderBinding(emitter);
  return binding;
}

/** Makes all listeners of an emitter run in the context of another, bound emitter, which they share from now on. */
export function bindLike(emitter: EventEmitter, other: EventEmitter): void {
  const binding = (other as Bound)[BINDING];
  if (binding !== undefined) bindEmitter(emitter, binding);
}

/** Whether an emitter is bound. If a request is bound, its server or another adapter has entered its lane. */
export function isBound(emitter: EventEmitter): boolean {
  return (emitter as Bound)[BINDING] !== undefined;
}

/** Returns the lanes that captured the lane of a request; `undefined` when they are not known. */
export function lanesOf(emitter: EventEmitter): Lanes | undefined {
  return (emitter as Bound)[BINDING]?.place.lanes;
}

/**
 * Runs `fn` in the context of a bound emitter, for functions that a framework may call in another context. If the current context belongs to
 * the same request, for example because its code set another lane or a span, `fn` runs in the current context.
 */
export function runBound<T>(emitter: EventEmitter, fn: () => T): T {
  const toEnter = contextToEnter(emitter);
  return toEnter === undefined ? fn() : context.with(toEnter, fn);
}

/**
 * Returns the context to enter before a function is called for a request; `undefined` when the current one is right.
 *
 * A middleware may call `next` from the callback of a shared connection, which runs in the context that opened the connection.
 */
export function contextToEnter(emitter: EventEmitter): Context | undefined {
  const binding = (emitter as Bound)[BINDING];
  if (binding === undefined) return undefined;
  const { place } = binding;
  const active = context.active();
  if (active === place.context) return undefined;
  if (!belongsTo(active, place.context)) return place.context;
  if (!haveSameLane(active, place.context)) place.context = active;
  return undefined;
}

/** Sets the `emit` of bound emitters on a prototype, which is faster than on each emitter. Unbound emitters emit as before. */
export function prepareEmitters(prototype: EventEmitter): void {
  if (prototype.emit === plainEmit)
    Object.defineProperty(prototype, 'emit', { value: emitOverPlain, configurable: true, writable: true });
}

function emitBefore(emitter: EventEmitter): EventEmitter['emit'] {
  return emitter.emit === emitOverPlain ? plainEmit : emitter.emit;
}

/** Replaces Node's `emit` on bound emitters. Most events of a request have no listener, so it returns early for them. */
function emitOverPlain(this: Bound, event: string | symbol): boolean {
  if (event !== 'error' && this.listenerCount(event) === 0) return false;
  const before = this[BINDING]?.emit;
  // The emitter's own method has entered the context, and called a method that others have set on a prepared prototype.
  // oxlint-disable-next-line prefer-rest-params -- V8 passes `arguments` on without creating an array
  if (before !== undefined && before !== plainEmit) return Reflect.apply(plainEmit, this, arguments);
  // oxlint-disable-next-line prefer-rest-params -- as above
  return emitInContext(this, arguments);
}

/** Replaces any other `emit` on bound emitters. */
function emitOverCustom(this: Bound): boolean {
  // oxlint-disable-next-line prefer-rest-params -- as above
  return emitInContext(this, arguments);
}

function emitInContext(emitter: Bound, event: ArrayLike<unknown>): boolean {
  const binding = emitter[BINDING];
  // A copy of the emitter's enumerable properties has this method, but no binding.
  const emit = binding?.emit ?? plainEmit;
  // Adding and removing a listener runs in the context of the code that does it.
  if (binding === undefined || event[0] === 'newListener' || event[0] === 'removeListener')
    return Reflect.apply(emit, emitter, event);
  if (binding.before !== undefined) binding.before(event, binding);
  const bound = binding.place.context;
  if (context.active() === bound) return Reflect.apply(emit, emitter, event);
  return context.with(bound, () => Reflect.apply(emit, emitter, event));
}

/**
 * Removes the methods by which OpenTelemetry's or Laneway's context manager wraps each listener that is added.
 *
 * OpenTelemetry's http instrumentation binds inbound requests and responses that way before an adapter enters the lane, so their listeners
 * would run outside of it. The lane's context is derived from that one, so nothing is lost. The methods that remove listeners stay, for
 * those that were added before. Tests that need this: `bind-emitter.test.ts`, and `test/interop/wrapped.test.ts`, the lane at a body's end.
 */
function dropOlderBinding(emitter: EventEmitter): void {
  const marks = Object.getOwnPropertySymbols(emitter);
  if (!marks.some((mark) => mark.description === 'OtListeners')) return;
  for (const name of ADDERS) Reflect.deleteProperty(emitter, name);
}
