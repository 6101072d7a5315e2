import { BASELINE, type Lanes, lanesFor, snapshot, wrongArgument } from '@laneway/core';
import { CallDispatcher } from './call-dispatcher.js';
import { isDispatcher } from './dispatch.js';

/** A class of clients that take their dispatcher as an option: `WebSocket` and `EventSource` of undici, `WebSocket` of Node 22 and later. */
// `never` accepts every typed class.
export type EventTargetClass = new (...args: never[]) => EventTarget;

type Init = Readonly<Record<string, unknown>>;

/**
 * Returns a class that extends `WebSocket` of undici or Node. Its handshake carries the lane of the code that opens the socket, if egress
 * allows the destination. Its listeners run in the context of that code. The original is not changed.
 *
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `original` is not such a class, or `lanes` are not lanes
 * @example
 * const LaneWebSocket = laneWebSocket(globalThis.WebSocket, lanes);
 * const socket = new LaneWebSocket('ws://chat.default.svc');
 */
export function laneWebSocket<C extends EventTargetClass>(original: C, lanes?: Lanes): C {
  return extendClient('laneWebSocket', original, lanes, (protocols) =>
    typeof protocols === 'string' || isIterable(protocols) ? { protocols } : protocols,
  );
}

/**
 * Like {@link laneWebSocket}, for `EventSource` of undici. Every reconnection carries the lane too, and each redirect is decided again.
 *
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when `original` is not such a class, or `lanes` are not lanes
 * @example
 * const LaneEventSource = laneEventSource(EventSource, lanes);
 * const events = new LaneEventSource('http://news.default.svc/events');
 */
export function laneEventSource<C extends EventTargetClass>(original: C, lanes?: Lanes): C {
  return extendClient('laneEventSource', original, lanes, (init) => init);
}

function extendClient<C extends EventTargetClass>(
  adapter: string,
  original: C,
  lanes: Lanes | undefined,
  readInit: (argument: unknown) => unknown,
): C {
  const used = lanesFor(adapter, lanes);
  if (typeof original !== 'function' || !(original.prototype instanceof EventTarget))
    throw wrongArgument(
      adapter,
      original,
      'a class',
      `the ${adapter.slice('lane'.length)} of undici or Node`,
    );
  const Base = original as unknown as new (...args: unknown[]) => EventTarget;
  const LaneClient = class extends Base {
    readonly #enter = snapshot();

    constructor(...args: unknown[]) {
      super(...withDispatcher(args, readInit(args[1]), used));
    }

    /** undici calls it for each event, in the context of the connection. */
    override dispatchEvent(event: Event): boolean {
      return this.#enter(() => super.dispatchEvent(event));
    }
  };
  Object.defineProperty(LaneClient, 'name', { value: original.name });
  return LaneClient as unknown as C;
}

/** Returns the arguments with a dispatcher that attaches the lane; unchanged at the baseline, and when undici rejects them. */
function withDispatcher(args: unknown[], init: unknown, lanes: Lanes): unknown[] {
  const lane = lanes.current();
  if (
    lane === BASELINE ||
    args.length === 0 ||
    (init !== undefined && init !== null && typeof init !== 'object')
  )
    return args;
  const { node, dispatcher } = (init ?? {}) as Init;
  const own = (node as Init | undefined)?.dispatcher ?? dispatcher;
  const call = new SocketDispatcher({ lanes, lane }, isDispatcher(own) ? own : undefined);
  // EventSource of undici 8 prefers the one in `node`.
  const nodeInit = typeof node === 'object' ? { node: { ...node, dispatcher: call } } : {};
  return [args[0], { ...init, ...nodeInit, dispatcher: call }, ...args.slice(2)];
}

/** undici reads the limits of messages and events from the dispatcher. */
class SocketDispatcher extends CallDispatcher {
  readonly #limits: Init;

  constructor(...[call, original]: ConstructorParameters<typeof CallDispatcher>) {
    super(call, original);
    const global: unknown = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'));
    this.#limits = (original ?? global ?? {}) as Init;
  }

  get webSocketOptions(): unknown {
    return this.#limits.webSocketOptions;
  }

  get eventSourceOptions(): unknown {
    return this.#limits.eventSourceOptions;
  }
}

function isIterable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
