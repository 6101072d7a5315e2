import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { LaneRule, MeshConfig, MeshMode } from './config.js';
import type { Fleet } from './fleet.js';
import type { LaneTravel } from './lane-travel.js';
import type { Decide, Decision } from './listener.js';
import { pickVersion } from './routing.js';

/** One request or WebSocket handshake, and which workload served it. */
export interface MeshServe {
  /** Which listener routed it: `gateway`, or the name of the service that was called. */
  readonly via: string;
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  readonly websocket: boolean;
  /** The lane on the request; undefined without a lane. */
  readonly lane: string | undefined;
  readonly service: string;
  /** The version that serves it; undefined when the service has no workload in the lane (strict mode). */
  readonly version: string | undefined;
  /** Whether the baseline serves it. */
  readonly baseline: boolean;
  /** Why the mesh answered 503; undefined when a workload serves the request. */
  readonly refusal: string | undefined;
}

/** What all listeners of a mesh share. */
export interface HopContext {
  readonly config: MeshConfig;
  readonly mode: MeshMode;
  readonly travel: LaneTravel;
  /** The workloads. A promise, because a service may call another one while both start. */
  readonly fleet: Promise<Fleet>;
  readonly onServe: (serve: MeshServe) => void;
}

/** Creates the gateway. It dyes a request by the first matching rule and sends it to the gateway's service. */
export function createGatewayHop(context: HopContext): Decide {
  const { rules, service } = context.config.gateway;
  return (request) => {
    const lane = matchRules(rules, request.headers);
    if (lane !== undefined) context.travel.write(request.headers, lane);
    return route(context, 'gateway', service, request);
  };
}

/** Creates a service's local address, like the outbound listener of a sidecar. */
export function createServiceHop(context: HopContext, service: string): Decide {
  return (request) => route(context, service, service, request);
}

function matchRules(rules: readonly LaneRule[], headers: IncomingHttpHeaders): string | undefined {
  for (const { header, value, lane } of rules) {
    const found = headers[header]?.toString();
    if (found && (value === undefined || value === found)) return lane ?? found;
  }
  return undefined;
}

async function route(
  context: HopContext,
  via: string,
  service: string,
  request: IncomingMessage,
): Promise<Decision> {
  const lane = context.travel.read(request.headers);
  const picked = pickVersion(context.config, context.mode, service, lane);
  const backend =
    picked.version === undefined ? undefined : (await context.fleet).find(service, picked.version);
  // Wait for a service that is still starting. `failure` reports a failed start.
  await backend?.workload.ready.catch(() => {});
  const failure = backend?.workload.failure;
  const refusal = failure === undefined ? picked.refusal : `${failure}. Start the mesh again.`;
  context.onServe({
    via,
    method: request.method ?? 'GET',
    path: request.url?.split('?', 1)[0] ?? '/',
    websocket: request.headers.upgrade !== undefined,
    lane,
    service,
    version: picked.version,
    baseline: picked.version === context.config.baseline,
    refusal,
  });
  if (backend && refusal === undefined) return { upstream: backend.upstream };
  return { upstream: undefined, status: 503, text: refusal! };
}
