import type { LanePolicy } from './policy.js';

/**
 * Policies for systems that route by lanes. Combine them with your own policy.
 *
 * @example
 * const lanes = defineLanes(presets.signadot(), { egress: ['*.prod.example'] });
 */
export const presets: Presets = {
  asm: (header) => ({
    key: 'x-asm-prefer-tag',
    carry: {
      headers: header === undefined ? ['x-asm-prefer-tag'] : ['x-asm-prefer-tag', header],
      baggage: ['*'],
    },
  }),
  mse: () => ({
    key: 'x-mse-tag',
    carry: { headers: ['x-mse-tag'], baggage: ['*'] },
    promote: { 'x-mse-tag': 'x-mse-tag' },
  }),
  istio: (header = 'end-user') => ({ key: header, carry: { headers: [header], baggage: ['*'] } }),
  kruise: (header = 'my-request-id') => ({ key: header, carry: { headers: [header] } }),
  signadot: () => ({
    key: 'sd-routing-key',
    carry: { headers: ['uberctx-sd-routing-key', 'ot-baggage-sd-routing-key'], baggage: ['*'] },
  }),
  mirrord: () => ({ key: 'mirrord-session', carry: { baggage: ['*'] } }),
  okteto: () => ({ key: 'okteto-divert', carry: { baggage: ['*'] } }),
};

/** The type of {@link presets}. */
export interface Presets {
  /**
   * Alibaba Cloud Service Mesh, permissive lanes. The routing header `x-asm-prefer-tag` names the lane. The lane group sends the lane in its
   * trace context: `baggage`, or a header.
   *
   * @param header the header of the trace context, or an `ASMHeaderPropagation` prefix (`appver*`) @default none; `baggage` is used
   */
  asm(header?: string): LanePolicy;

  /** Alibaba Cloud Microservices Engine: the header `x-mse-tag`, or the baggage member of that name. */
  mse(): LanePolicy;

  /**
   * Istio, whose routes match any header.
   *
   * @param header the header that the `VirtualService` matches @default 'end-user', as in Istio's example of request routing
   */
  istio(header?: string): LanePolicy;

  /**
   * Kruise Rollout, whose canary matches any header.
   *
   * @param header the header that the `Rollout` matches @default 'my-request-id', as in its end-to-end example
   */
  kruise(header?: string): LanePolicy;

  /**
   * Signadot: the baggage member `sd-routing-key`, and its copies for Jaeger (`uberctx-`) and Datadog (`ot-baggage-`). Not the copy in
   * `tracestate`: the tracing library rewrites that header.
   */
  signadot(): LanePolicy;

  /** mirrord: the baggage member `mirrord-session`. Its filters match the text of the header, so all baggage is carried unchanged. */
  mirrord(): LanePolicy;

  /** Okteto Divert: the baggage member `okteto-divert`. */
  okteto(): LanePolicy;
}
