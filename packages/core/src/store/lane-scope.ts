import { type Baggage, type Context, createContextKey, propagation } from '@opentelemetry/api';
import type { LaneContext } from './lane-context.js';

/** Where the lane stands in OpenTelemetry's context. Registered by name, so every copy of this package reads the same (promise 9). */
export const LANE: symbol = createContextKey('laneway.lane');

/** Where OpenTelemetry keeps its baggage; its API does not say, but uses the key that it is asked for. */
const BAGGAGE: symbol = findBaggageKey();

/**
 * An OpenTelemetry context that adds a lane to another one. It is entered once for every request, and OpenTelemetry's own would copy
 * all entries twice, once for the lane and once for the baggage.
 */
export class LaneScope implements Context {
  readonly #base: Context;
  readonly #lane: LaneContext | undefined;
  readonly #baggage: Baggage | undefined;
  #withoutBaggage: LaneScope | undefined;

  /**
   * @param lane `undefined` for none, whatever `base` has
   * @param baggage OpenTelemetry's baggage, `undefined` for none
   */
  constructor(base: Context, lane: LaneContext | undefined, baggage: Baggage | undefined) {
    this.#base = LaneScope.baseOf(base);
    this.#lane = lane;
    this.#baggage = baggage;
  }

  /**
   * The context below all lanes. A scope stands on it, never on another scope: code that enters lane after lane without leaving any
   * would else build a chain without end.
   */
  static baseOf(context: Context): Context {
    return context instanceof LaneScope ? context.#base : context;
  }

  getValue(key: symbol): unknown {
    if (key === LANE) return this.#lane;
    return key === BAGGAGE ? this.#baggage : this.#base.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#flatten().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return key === BAGGAGE ? this.withoutBaggage() : this.#flatten().deleteValue(key);
  }

  /** The same without OpenTelemetry's baggage; the same object each time. */
  withoutBaggage(): LaneScope {
    return (this.#withoutBaggage ??= new LaneScope(this.#base, this.#lane, undefined));
  }

  #flatten(): Context {
    const withLane = this.#base.setValue(LANE, this.#lane);
    return this.#baggage === undefined
      ? propagation.deleteBaggage(withLane)
      : propagation.setBaggage(withLane, this.#baggage);
  }
}

function findBaggageKey(): symbol {
  let found: symbol | undefined;
  const witness: Context = {
    getValue: () => undefined,
    setValue: (key) => {
      found = key;
      return witness;
    },
    deleteValue: () => witness,
  };
  propagation.setBaggage(witness, propagation.createBaggage());
  return found ?? createContextKey('OpenTelemetry Baggage Key');
}
