import {
  type Context,
  context,
  defaultTextMapGetter,
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
 * OpenTelemetry's propagator for a service with lanes; it replaces `W3CBaggagePropagator`.
 *
 * A request that OpenTelemetry's instrumentations extract runs in its lane from the start, its server span included. If the policy's
 * `trust` depends on the sender, the inbound adapter decides instead: a propagator does not know the sender.
 *
 * It injects the baggage that the policy does not carry, as `W3CBaggagePropagator` does. Laneway keeps every registered propagator from
 * writing lane members; `LaneInstrumentation` and the wrapped clients attach those.
 *
 * As the only propagator of an SDK it also propagates W3C trace context; in a composite the others do that.
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
  readonly #fields: string[] = [...this.#trace.fields(), ...this.#baggage.fields()];
  /** The headers to read; `undefined` when a rule has a prefix or suffix, so that the carrier must list its names. */
  readonly #names: readonly string[] | undefined;

  /** @throws {LanewayAdapterError} when `lanes` is not the result of `defineLanes` */
  constructor(options: LanePropagatorOptions = {}) {
    this.#lanes = lanesFor('LanePropagator', options.lanes);
    const { headers = [] } = this.#lanes.policy.carry;
    const isPattern = headers.some((name) => name.includes('*'));
    this.#names = isPattern ? undefined : [...headers.map((name) => name.toLowerCase()), 'baggage'];
  }

  extract(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    let extracted = into;
    try {
      if (this.#isAlone()) extracted = this.#trace.extract(extracted, carrier, getter);
      extracted = this.#extractOtherBaggage(extracted, carrier, getter);
      return this.#lanes.policy.trust === 'all' ? this.#extractLane(extracted, carrier, getter) : extracted;
    } catch {
      // The getter throws for a carrier that it cannot read; the instrumentation that called does not expect that.
      return extracted;
    }
  }

  inject(from: Context, carrier: unknown, setter: TextMapSetter): void {
    if (this.#isAlone()) this.#trace.inject(from, carrier, setter);
    try {
      this.#baggage.inject(from, carrier, setter);
    } catch {
      // OpenTelemetry's encoder throws for a lone surrogate; its instrumentations do not expect that.
    }
  }

  fields(): string[] {
    return this.#fields;
  }

  /** Whether this propagator is registered itself: a composite returns a new array. */
  #isAlone(): boolean {
    return propagation.fields() === this.#fields;
  }

  #extractLane(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    const names = this.#names ?? getter.keys(carrier);
    const pairs = names.map((name) => [name, getter.get(carrier, name)] as const);
    // Subscribers of `laneway:capture` look for the request's span in the active context.
    return context.with(into, () => {
      const lane = this.#lanes.capture(pairs);
      // A carrier without a lane leaves the context unchanged (OpenTelemetry's specification of propagators, extract).
      return lane === BASELINE ? into : this.#lanes.run(lane, () => context.active());
    });
  }

  #extractOtherBaggage(into: Context, carrier: unknown, getter: TextMapGetter): Context {
    const baggage = getter.get(carrier, 'baggage');
    if (baggage === undefined) return into;
    return this.#baggage.extract(into, this.#lanes.strip({ baggage }), defaultTextMapGetter);
  }
}
