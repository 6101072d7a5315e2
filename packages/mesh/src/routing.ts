import type { MeshConfig, MeshMode } from './config.js';

/** The version that serves a request, or why no version does. */
export type Pick =
  | { readonly version: string; readonly refusal: undefined }
  | { readonly version: undefined; readonly refusal: string };

/**
 * Picks the version of a service for a lane. In permissive mode the baseline serves a lane in which the service has no workload.
 * The lane stays on the request, so the next hop returns to it.
 */
export function pickVersion(
  config: MeshConfig,
  mode: MeshMode,
  service: string,
  lane: string | undefined,
): Pick {
  const versions = config.services[service]!.versions;
  if (lane === undefined) return { version: config.baseline, refusal: undefined };
  if (Object.hasOwn(versions, lane)) return { version: lane, refusal: undefined };
  if (mode === 'permissive') return { version: config.baseline, refusal: undefined };
  const refusal =
    `${service} has no workload in lane ${JSON.stringify(lane)}, and this mesh is strict. ` +
    `${service} has: ${Object.keys(versions).join(', ')}. ` +
    'Send the request without that lane, add the version to the mesh file, or set `mode: permissive` to fall back to the baseline.';
  return { version: undefined, refusal };
}
