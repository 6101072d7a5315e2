import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { LaneRule, MeshConfig, MeshMode } from './config.js';
import type { Fleet } from './fleet.js';
import type { LaneTravel } from './lane-travel.js';
import type { Decide, Decision } from './listener.js';
import { pickVersion } from './routing.js';

/** One request or WebSocket handshake, and where it went. */
export interface MeshServe {
  /** Who routed it: `gateway`, or the service whose local address was called. */
  readonly via: string;
  readonly method: string;
  /** The path without its query. */
  readonly path: string;
  readonly websocket: boolean;
  /** The lane on the request; undefined for none. */
  readonly lane: string | undefined;
  readonly service: string;
  /** The version that it was sent to; undefined when the lane has no workload (strict). */
  readonly version: string | undefined;
  /** Whether that is the baseline. */
  readonly baseline: boolean;
  /** Why the mesh answered 503 itself; undefined when the request was sent on. */
  readonly refusal: string | undefined;
}

/** What all hops of a mesh share. */
export interface HopContext {
  readonly config: MeshConfig;
  readonly mode: MeshMode;
  readonly travel: LaneTravel;
  /** The workloads; a promise, since a service may call another one while it starts. */
  readonly fleet: Promise<Fleet>;
  readonly onServe: (serve: MeshServe) => void;
}

/** The gateway: dyes a request by the first rule that matches, and sends it to the gateway's service. */
export function createGatewayHop(context: HopContext): Decide {
  const { rules, service } = context.config.gateway;
  return (request) => {
    const lane = matchRules(rules, request.headers);
    if (lane !== undefined) context.travel.write(request.headers, lane);
    return route(context, 'gateway', service, request);
  };
}

/** A service's local address: what a sidecar's outbound listener is in a cluster. */
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
  const berth =
    picked.version === undefined ? undefined : (await context.fleet).find(service, picked.version);
  // A service may be called while it starts; a failed start is told by `failure`.
  await berth?.workload.ready.catch(() => {});
  const failure = berth?.workload.failure;
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
  if (berth && refusal === undefined) return { upstream: berth.upstream };
  return { upstream: undefined, status: 503, text: refusal! };
}
