import type { LanePolicy } from './policy.js';

/**
 * Ready-made policies for the systems that route by lanes, to be combined with one's own.
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

/** See {@link presets}. */
export interface Presets {
  /**
   * Alibaba Cloud Service Mesh, permissive lanes. The routing header `x-asm-prefer-tag` names the lane; the lane itself passes through
   * in what the lane group names as its trace context: `baggage`, or a header.
   *
   * @param header the trace context's header, or an `ASMHeaderPropagation` prefix (`appver*`) @default none, which is `baggage`
   */
  asm(header?: string): LanePolicy;

  /** Alibaba Cloud Microservices Engine: the header `x-mse-tag`, also where it came as a baggage member. */
  mse(): LanePolicy;

  /**
   * Istio, whose routes match any header.
   *
   * @param header the header that the `VirtualService` matches @default 'end-user', as in Istio's own request routing example
   */
  istio(header?: string): LanePolicy;

  /**
   * Kruise Rollout, whose canary matches any header.
   *
   * @param header the header that the `Rollout` matches @default 'my-request-id', as in its end-to-end example
   */
  kruise(header?: string): LanePolicy;

  /**
   * Signadot: the member `sd-routing-key` of `baggage`, and its copies for Jaeger (`uberctx-`) and Datadog (`ot-baggage-`). The copy in
   * `tracestate` is left to the tracing library, which rewrites that header.
   */
  signadot(): LanePolicy;

  /** mirrord: the member `mirrord-session` of `baggage`, which its filters match as text, so all of it passes as it came. */
  mirrord(): LanePolicy;

  /** Okteto Divert: the member `okteto-divert` of `baggage`. */
  okteto(): LanePolicy;
}
