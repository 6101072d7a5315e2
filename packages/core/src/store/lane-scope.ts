import { type Baggage, type Context, createContextKey, propagation } from '@opentelemetry/api';
import type { LaneContext } from './lane-context.js';

/** The key of the lane in OpenTelemetry's context. Registered by name, so every copy of this package uses the same key (promise 9). */
export const LANE: symbol = createContextKey('laneway.lane');

/**
 * The key of the unit of work in OpenTelemetry's context: the request, socket or message for which a context was created. Contexts that are
 * derived from it have the same unit, whatever their lane and span.
 */
export const UNIT: symbol = createContextKey('laneway.unit');

/** The key of OpenTelemetry's baggage. Its API does not export the key, but passes it to the context. */
const BAGGAGE: symbol = findBaggageKey();

/**
 * An OpenTelemetry context that adds a lane to another one. Every request creates one; OpenTelemetry's context would copy all entries twice,
 * once for the lane and once for the baggage.
 */
export class LaneScope implements Context {
  readonly #base: Context;
  readonly #lane: LaneContext | undefined;
  readonly #baggage: Baggage | undefined;
  readonly #unit: object | undefined;
  #withoutBaggage: LaneScope | undefined;

  /**
   * @param lane `undefined` for none, even if `base` has one
   * @param baggage OpenTelemetry's baggage, `undefined` for none
   * @param unit the unit of work, `undefined` for none
   */
  constructor(
    base: Context,
    lane: LaneContext | undefined,
    baggage: Baggage | undefined,
    unit: object | undefined,
  ) {
    this.#base = LaneScope.baseOf(base);
    this.#lane = lane;
    this.#baggage = baggage;
    this.#unit = unit;
  }

  /**
   * Returns the context below all lanes. A scope is based on it, never on another scope: otherwise code that enters a lane from within a lane
   * again and again would build an endless chain.
   */
  static baseOf(context: Context): Context {
    return context instanceof LaneScope ? context.#base : context;
  }

  getValue(key: symbol): unknown {
    if (key === LANE) return this.#lane;
    if (key === UNIT) return this.#unit;
    return key === BAGGAGE ? this.#baggage : this.#base.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#flatten().setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return key === BAGGAGE ? this.withoutBaggage() : this.#flatten().deleteValue(key);
  }

  /** Returns this scope without OpenTelemetry's baggage; the same object each time. */
  withoutBaggage(): LaneScope {
    return (this.#withoutBaggage ??= new LaneScope(this.#base, this.#lane, undefined, this.#unit));
  }

  #flatten(): Context {
    const withLane = this.#base.setValue(LANE, this.#lane);
    // The base of a scope may have been created inside a unit.
    const withUnit =
      this.#unit === this.#base.getValue(UNIT) ? withLane : withLane.setValue(UNIT, this.#unit);
    return this.#baggage === undefined
      ? propagation.deleteBaggage(withUnit)
      : propagation.setBaggage(withUnit, this.#baggage);
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
