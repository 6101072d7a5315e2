import {
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
} from '@opentelemetry/api';
import { W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { BASELINE, type Lanes, lanesFor } from '@laneway/core';

/** Options of {@link LanePropagator}. */
export interface LanePropagatorOptions {
  /** @default the lanes of the process, from `LANEWAY_*` */
  readonly lanes?: Lanes | undefined;
}

/**
 * OpenTelemetry's propagator for a service with lanes, in place of its `W3CBaggagePropagator`.
 *
 * Where a request enters through OpenTelemetry's instrumentations, it is in its lane from the start, its server span included; unless
 * the policy asks who sent it, which a propagator does not know: the inbound adapters decide then.
 *
 * It never writes lane data, as it knows no destination, and instrumentations ask it late, for a queued request in another one's
 * lane. The lane leaves by Laneway's own hand: `LaneInstrumentation`, or the wrapped clients. Baggage that the policy does not carry
 * is OpenTelemetry's, and passes as it does without lanes.
 *
 * As the only propagator of an SDK it propagates W3C trace context too; in a composite it leaves that to the others.
 *
 * @example
 * new NodeSDK({ textMapPropagator: new LanePropagator({ lanes }) }).start();
 * @example
 * new CompositePropagator({ propagators: [new B3Propagator(), new LanePropagator({ lanes })] });
 */
export class LanePropagator implements TextMapPropagator {
  readonly #lanes: Lanes;
  readonly #trace = new W3CTraceContextPropagator();
  readonly #baggage = new W3CBaggagePropagator();
  readonly #fields: string[];
  /** The headers to read; `undefined` when only the carrier can say which ones a rule matches. */
  readonly #names: readonly string[] | undefined;
  readonly #carriesAllBaggage: boolean;

  /** @throws {LanewayAdapterError} when it is handed something that is no lanes */
  constructor(options: LanePropagatorOptions = {}) {
    this.#lanes = lanesFor('LanePropagator', options.lanes);
    const { headers = [], baggage = [] } = this.#lanes.policy.carry;
    this.#carriesAllBaggage = baggage.includes('*');
    const isPattern = headers.some((name) => name.includes('*'));
    this.#names = isPattern ? undefined : [...headers.map((name) => name.toLowerCase()), 'baggage'];
    this.#fields = [...this.#trace.fields(), ...(this.#carriesAllBaggage ? [] : this.#baggage.fields())];
  }

  extract(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    let extracted = into;
    try {
      if (this.#isAlone()) extracted = this.#trace.extract(extracted, carrier, getter);
      if (!this.#carriesAllBaggage) extracted = this.#extractOtherBaggage(extracted, carrier, getter);
      return this.#lanes.policy.trust === 'all' ? this.#extractLane(extracted, carrier, getter) : extracted;
    } catch {
      // A carrier that is none: for the instrumentation that asks there is nothing in it.
      return extracted;
    }
  }

  inject(from: Context, carrier: unknown, setter: TextMapSetter): void {
    if (this.#isAlone()) this.#trace.inject(from, carrier, setter);
    if (this.#carriesAllBaggage) return;
    try {
      const baggage = this.#otherBaggage(from);
      if (baggage !== undefined) setter.set(carrier, 'baggage', baggage);
    } catch {
      // OpenTelemetry's encoder throws for half a surrogate pair, and its instrumentations do not expect it.
    }
  }

  fields(): string[] {
    return this.#fields;
  }

  /** Whether it is what the SDK was given, by itself: a composite has fields of its own. */
  #isAlone(): boolean {
    return propagation.fields() === this.#fields;
  }

  #extractLane(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    const names = this.#names ?? getter.keys(carrier);
    const pairs = names.map((name) => [name, getter.get(carrier, name)] as const);
    // In the context of the carrier, as whoever hears of a capture looks for the span that it belongs to.
    return context.with(into, () => {
      const lane = this.#lanes.capture(pairs);
      // What is not in the carrier leaves the context as it is (OpenTelemetry's specification of propagators, extract).
      return lane === BASELINE ? into : this.#lanes.run(lane, () => context.active());
    });
  }

  #extractOtherBaggage(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    const baggage = getter.get(carrier, 'baggage');
    if (baggage === undefined) return into;
    return this.#baggage.extract(into, this.#lanes.strip({ baggage }), defaultTextMapGetter);
  }

  /** The baggage that is neither carried by the policy nor was set on the lane, as a header. */
  #otherBaggage(from: Context): string | undefined {
    const baggage = propagation.getBaggage(from);
    if (baggage === undefined) return undefined;
    const lane = context.with(propagation.deleteBaggage(from), this.#lanes.current);
    const others = baggage.removeEntries(...lane.getAllEntries().map(([key]) => key));
    const written: Record<string, string> = {};
    this.#baggage.inject(propagation.setBaggage(from, others), written, defaultTextMapSetter);
    return this.#lanes.strip(written).baggage;
  }
}
