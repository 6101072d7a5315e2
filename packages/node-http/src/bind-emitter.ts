import { EventEmitter } from 'node:events';
import { type Context, context } from '@opentelemetry/api';

type Listeners = Pick<
  EventEmitter,
  'addListener' | 'on' | 'once' | 'prependListener' | 'prependOnceListener'
>;

/** How an emitter is bound; one object for all that share a context. */
export interface Binding {
  /** The method that was there before. */
  readonly emit: EventEmitter['emit'];
  readonly context: Context;
  /** Called before an event that somebody listens to. */
  readonly before: BeforeEvent | undefined;
}

/** See {@link Binding.before}; the arguments of the event follow its name. */
export type BeforeEvent = (event: ArrayLike<unknown>, binding: Binding) => void;

// Registered: two copies of this package that bind one emitter share its one context.
const BINDING = Symbol.for('laneway.binding.1');
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
  const emit: EventEmitter['emit'] = bound[BINDING]?.emit ?? bound.emit;
  const isLike = like !== undefined && like.emit === emit && like.before === before;
  const binding = isLike ? like : { emit, context: like?.context ?? context.active(), before };
  if (bound[BINDING] === undefined) bound.emit = emit === plainEmit ? emitOverPlain : emitOverOwn;
  bound[BINDING] = binding;
  if (Object.hasOwn(emitter, 'on')) dropOlderBinding(emitter);
  return binding;
}

/** Whether an emitter is bound. A request that is has been entered: by its server, or by an adapter before this one. */
export function isBound(emitter: EventEmitter): boolean {
  return (emitter as Bound)[BINDING] !== undefined;
}

/** Runs `fn` in the context that an emitter is bound to, as it is when it is not bound: for what a framework calls from elsewhere. */
export function runBound<T>(emitter: EventEmitter, fn: () => T): T {
  const binding = (emitter as Bound)[BINDING];
  return binding === undefined ? fn() : context.with(binding.context, fn);
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
  if (context.active() === binding.context) return Reflect.apply(emit, emitter, event);
  return context.with(binding.context, () => Reflect.apply(emit, emitter, event));
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
