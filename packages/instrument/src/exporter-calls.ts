import { BASELINE, type Carrier, type Lanes } from '@laneway/core';
import { userAgentOf } from './user-agent.js';

// OpenTelemetry's specification of the OTLP exporter, user agent.
const OTLP_USER_AGENT = 'OTel-OTLP-Exporter';

/**
 * Returns lanes that attach nothing to the calls of OpenTelemetry's exporters.
 *
 * A batch holds the spans of many requests. A timer of the first of these requests sends it, but the batch has no lane.
 */
export function exceptExporters(lanes: Lanes): Lanes {
  const attach = (headers: Carrier | undefined, options: Parameters<Lanes['attach']>[1]): unknown => {
    const inLane = (options.lane ?? lanes.current()) !== BASELINE;
    return inLane && isExport(headers) ? headers : lanes.attach(headers, options);
  };
  return { ...lanes, attach: attach as Lanes['attach'] };
}

/** Whether an exporter sends these headers. Exporters use `node:http` and `node:http2`, with headers by name. */
export function isExport(headers: Carrier | undefined): boolean {
  return userAgentOf(headers).includes(OTLP_USER_AGENT);
}
