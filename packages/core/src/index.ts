export type { Carrier, FlatHeaders, HeaderPairs, HeaderRecord } from './headers/carrier.js';
export { attachChannel, captureChannel, dropChannel } from './channels.js';
export type { AttachMessage, CaptureMessage, DropMessage, DropReason } from './channels.js';
export { BASELINE } from './store/baseline.js';
export { defaultLanes, lanesFor } from './default-lanes.js';
export { defineLanes } from './define-lanes.js';
export { DEFAULT_EGRESS } from './policy/egress.js';
export {
  LanewayAdapterError,
  LanewayConfigError,
  LanewayEntryError,
  LanewayError,
  LanewayLaneError,
} from './errors.js';
export type { ConfigProblem } from './errors.js';
export type { LaneContext } from './store/lane-context.js';
export type { Attach, AttachOptions, Destination, Lanes, OutgoingHeader } from './lanes.js';
export { NO_SOURCES } from './policy/lane-sources.js';
export type { LaneSource, LaneSources } from './policy/lane-sources.js';
export type { CarryRules, LanePolicy } from './policy/policy.js';
export { presets } from './policy/presets.js';
export { attachedHeaders, detachHeaders } from './headers/detach.js';
export type { AttachedHeader } from './headers/detach.js';
export { override } from './override.js';
export type { Method, Restore } from './override.js';
export { whileAttached } from './store/propagator-guard.js';
export { snapshot } from './store/store.js';
export { belongsTo, haveSameLane } from './store/unit-of-work.js';
export type { Sender, Sent, Trust } from './policy/trust.js';
export { wrongArgument } from './wrong-argument.js';
