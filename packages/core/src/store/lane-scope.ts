import { type Baggage, type Context, createContextKey, propagation } from '@opentelemetry/api';
import type { LaneContext } from './lane-context.js';

/** Where the lane stands in OpenTelemetry's context. Registered by name, so every copy of this package reads the same (promise 9). */
export const LANE: symbol = createContextKey('laneway.lane');

/**
 * Where the unit of work stands in OpenTelemetry's context: the request, socket or message that a context was made for. Every context
 * made inside it has the same one, whatever its lane and span.
 */
export const UNIT: symbol = createContextKey('laneway.unit');

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
  readonly #unit: object | undefined;
  #withoutBaggage: LaneScope | undefined;

  /**
   * @param lane `undefined` for none, whatever `base` has
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
   * The context below all lanes. A scope stands on it, never on another scope: code that enters lane after lane without leaving any
   * would else build a chain without end.
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

  /** The same without OpenTelemetry's baggage; the same object each time. */
  withoutBaggage(): LaneScope {
    return (this.#withoutBaggage ??= new LaneScope(this.#base, this.#lane, undefined, this.#unit));
  }

  #flatten(): Context {
    const withLane = this.#base.setValue(LANE, this.#lane);
    // The base of a scope may itself have been made inside a unit.
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
