import { EventEmitter } from 'node:events';
import { type Context, context } from '@opentelemetry/api';

type Listeners = Pick<
  EventEmitter,
  'addListener' | 'on' | 'once' | 'prependListener' | 'prependOnceListener'
>;

type Emit = EventEmitter['emit'];

/** How an emitter is bound; one object for all that share a context. */
export interface Binding {
  /** The method that was there before. */
  readonly base: Emit;
  readonly context: Context;
  readonly before: BeforeEvent | undefined;
  /** The method that bound emitters have. */
  readonly emit: Emit;
}

/** Called before an event that somebody listens to, with its first two arguments. */
export type BeforeEvent = (event: string | symbol, first: unknown, second: unknown, binding: Binding) => void;

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
  const { [BINDING]: known, emit } = bound;
  // Somebody may have put a method of theirs over ours; then both of ours are asked, and the inner one finds the context of the outer.
  const base = known !== undefined && emit === known.emit ? known.base : emit;
  const isLike = like !== undefined && like.base === base && like.before === before;
  const binding = isLike ? like : createBinding(base, like?.context ?? context.active(), before);
  bound.emit = binding.emit;
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

/** The method knows its context by its closure: to ask the emitter for it, at each event, costs as much as all the rest. */
function createBinding(base: Emit, own: Context, before: BeforeEvent | undefined): Binding {
  const emit: Emit = function (this: Bound, event: string | symbol, first?: unknown, second?: unknown) {
    // Most events of a request have no listener: there is no context to enter, and nothing to do.
    if (base === plainEmit && event !== 'error' && this.listenerCount(event) === 0) return false;
    // Adding a listener is the act of whoever adds it; http2 listens to that, for each of its own too.
    const isAct = event === 'newListener' || event === 'removeListener';
    if (!isAct && before !== undefined) before(event, first, second, binding);
    // oxlint-disable-next-line prefer-rest-params -- V8 hands them on without making an array
    if (isAct || context.active() === own) return Reflect.apply(base, this, arguments);
    // oxlint-disable-next-line prefer-rest-params -- the same
    return emitIn((this[BINDING] ?? binding).context, base, this, arguments);
  };
  const binding: Binding = { base, context: own, before, emit };
  return binding;
}

function emitIn(own: Context, base: Emit, emitter: EventEmitter, args: ArrayLike<unknown>): boolean {
  const emit = (): boolean => Reflect.apply(base, emitter, args);
  return context.active() === own ? emit() : context.with(own, emit);
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
