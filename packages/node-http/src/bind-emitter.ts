import { EventEmitter } from 'node:events';
import { belongsTo, haveSameLane, type Lanes } from '@laneway/core';
import { type Context, context } from '@opentelemetry/api';

type Listeners = Pick<
  EventEmitter,
  'addListener' | 'on' | 'once' | 'prependListener' | 'prependOnceListener'
>;

/** Where a unit of work runs. Its code may move it: what comes behind a middleware that set another lane runs in that lane. */
export interface Place {
  context: Context;
  /** Those that captured its lane. */
  lanes: Lanes | undefined;
}

/** How an emitter is bound; one object for all that share a place. */
export class Binding {
  /**
   * @param emit the method that was there before
   * @param place shared by the request and what answers it
   * @param before called before an event that somebody listens to
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

/** See {@link Binding.before}; the arguments of the event follow its name. */
export type BeforeEvent = (event: ArrayLike<unknown>, binding: Binding) => void;

// Registered: two copies of this package that bind one emitter share its one context.
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
 * Makes every later event of an emitter run in the context of this moment, whoever adds the listener and whoever emits.
 *
 * Sockets, parsers and streams emit from where they were opened (node#33723, node#34430): another request's lane, or none. Binding
 * again replaces the context.
 *
 * @param like what another emitter was bound to, to share its context @default the context of this moment
 * @param before called before each event that somebody listens to
 * @returns what it is bound to
 */
export function bindEmitter(emitter: EventEmitter, like?: Binding, before?: BeforeEvent): Binding {
  const bound = emitter as Bound;
  const emit = bound[BINDING]?.emit ?? emitBefore(bound);
  const isLike = like !== undefined && like.emit === emit && like.before === before;
  const binding = isLike
    ? like
    : new Binding(emit, like?.place ?? { context: context.active(), lanes: undefined }, before);
  if (bound[BINDING] === undefined && bound.emit !== emitOverPlain)
    bound.emit = emit === plainEmit ? emitOverPlain : emitOverOwn;
  bound[BINDING] = binding;
  if (Object.hasOwn(emitter, 'on')) dropOlderBinding(emitter);
  return binding;
}

/** Whether an emitter is bound. A request that is has been entered: by its server, or by an adapter before this one. */
export function isBound(emitter: EventEmitter): boolean {
  return (emitter as Bound)[BINDING] !== undefined;
}

/** The lanes that captured the lane of a request; `undefined` when they are not known. */
export function lanesOf(emitter: EventEmitter): Lanes | undefined {
  return (emitter as Bound)[BINDING]?.place.lanes;
}

/**
 * Runs `fn` in the context that an emitter is bound to: for what a framework calls from elsewhere. Where `fn` is called there already, or
 * inside it, by code of the same request that set another lane or a span, it is just called.
 */
export function runBound<T>(emitter: EventEmitter, fn: () => T): T {
  const own = contextToEnter(emitter);
  return own === undefined ? fn() : context.with(own, fn);
}

/**
 * The context to enter before something is called for a request; `undefined` when there is nothing to enter.
 *
 * A middleware may call `next` from the callback of a connection that many requests share, which runs where that was opened.
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

/** Lets every emitter of a prototype have the `emit` of a bound one, which is faster than one for each. Those not bound emit as before. */
export function prepareEmitters(prototype: EventEmitter): void {
  if (prototype.emit === plainEmit)
    Object.defineProperty(prototype, 'emit', { value: emitOverPlain, configurable: true, writable: true });
}

function emitBefore(emitter: EventEmitter): EventEmitter['emit'] {
  return emitter.emit === emitOverPlain ? plainEmit : emitter.emit;
}

/** The `emit` of emitters that had Node's: most events of a request have no listener, and then there is nothing to do, nor to look up. */
function emitOverPlain(this: Bound, event: string | symbol): boolean {
  if (event !== 'error' && this.listenerCount(event) === 0) return false;
  // oxlint-disable-next-line prefer-rest-params -- V8 hands them on without making an array
  return emitInContext(this, arguments);
}

/** That of emitters that had one of their own. */
function emitOverOwn(this: Bound): boolean {
  // oxlint-disable-next-line prefer-rest-params -- the same
  return emitInContext(this, arguments);
}

function emitInContext(emitter: Bound, event: ArrayLike<unknown>): boolean {
  const binding = emitter[BINDING];
  // On a copy of the emitter's enumerable properties there is none.
  const emit = binding?.emit ?? plainEmit;
  // Adding a listener is the act of whoever adds it; http2 listens to that, for each of its own too.
  if (binding === undefined || event[0] === 'newListener' || event[0] === 'removeListener')
    return Reflect.apply(emit, emitter, event);
  if (binding.before !== undefined) binding.before(event, binding);
  const own = binding.place.context;
  if (context.active() === own) return Reflect.apply(emit, emitter, event);
  return context.with(own, () => Reflect.apply(emit, emitter, event));
}

/**
 * Removes the methods by which OpenTelemetry's context manager, or ours, wraps each listener that is added.
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
