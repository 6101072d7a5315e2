import { addHeaders, type MergeHeader } from './headers/attach.js';
import { isBaseline } from './store/baseline.js';
import type { Carrier } from './headers/carrier.js';
import { captureLane } from './headers/capture.js';
import { attachChannel, reportDrop } from './channels.js';
import { compilePolicy } from './policy/compiled-policy.js';
import type { AttachOptions, Destination, Lanes, OutgoingHeader } from './lanes.js';
import { mergeBaggage } from './baggage/merge-baggage.js';
import { mergePolicies } from './policy/merge-policies.js';
import type { LanePolicy } from './policy/policy.js';
import { stripHeaders, stripUrl } from './headers/strip.js';
import { guardPropagator } from './store/propagator-guard.js';
import { bindToCurrent, createStore, ensureContextManager } from './store/store.js';

const NOTHING: readonly OutgoingHeader[] = Object.freeze([]);

/**
 * Returns the lanes of a policy. Call it once per service, and pass the result to every adapter.
 *
 * Several policies, such as a preset and yours, are merged: lists, promotions and sources are combined; the last `key` and the last `trust` are used.
 *
 * Registers a context manager with OpenTelemetry's API if none is registered.
 *
 * @throws {LanewayConfigError} when the policy is wrong; it lists every problem
 * @example
 * export const lanes = defineLanes({
 *   key: 'version',
 *   carry: { headers: ['version', 'appver*'], baggage: ['*'] },
 *   egress: ['*.prod.example'],
 * });
 * @example
 * export const lanes = defineLanes(presets.signadot(), { egress: ['*.prod.example'] });
 */
export function defineLanes(...policies: readonly LanePolicy[]): Lanes {
  const compiled = compilePolicy(mergePolicies(policies));
  ensureContextManager();
  const store = createStore(compiled);

  const isAllowed = (to: Destination): boolean => {
    const { allowed, host } = compiled.egress(to);
    if (!allowed) reportDrop({ reason: 'egress', direction: 'attach', host });
    return allowed;
  };
  const outgoing = ({ to, lane = store.current() }: AttachOptions): readonly OutgoingHeader[] => {
    if (isBaseline(lane)) return NOTHING;
    const first = Array.isArray(to) ? (to as readonly Destination[])[0] : (to as Destination);
    if (first === undefined || !(Array.isArray(to) ? to.every(isAllowed) : isAllowed(first))) return NOTHING;
    guardPropagator();
    const headers = store.adopt(lane).outgoing(compiled);
    if (attachChannel.hasSubscribers)
      attachChannel.publish({ lane, headers, host: compiled.egress(first).host });
    return headers;
  };
  const merge: MergeHeader = (name, existing, value) =>
    name === 'baggage' ? mergeBaggage(existing, value, compiled) : existing;

  return {
    policy: compiled.source,
    capture: (headers, from) => captureLane(headers, compiled, from),
    strip: (headers) => stripHeaders(headers, compiled),
    stripUrl: (url) => stripUrl(url, compiled),
    attach: <C extends Carrier>(headers: C | undefined, options: AttachOptions): C => {
      try {
        return addHeaders(headers, outgoing(options), merge) as C;
      } catch {
        // Not a valid carrier, such as pairs without names. The client rejects it.
        reportDrop({ reason: 'malformed', direction: 'attach' });
        return headers as C;
      }
    },
    current: store.current,
    run: store.run,
    baseline: store.baseline,
    bind: bindToCurrent,
  };
}
