import { BASELINE, type Carrier, type Lanes } from '@laneway/core';

// OpenTelemetry's specification of the OTLP exporter, user agent.
const OTLP_USER_AGENT = 'OTel-OTLP-Exporter';

/**
 * Lanes that are not attached to the calls of OpenTelemetry's own exporters.
 *
 * Spans of many requests leave in one batch, by a timer that the first of them started: its lane is not the batch's.
 */
export function exceptExporters(lanes: Lanes): Lanes {
  const attach = (headers: Carrier | undefined, options: Parameters<Lanes['attach']>[1]): unknown => {
    const inLane = (options.lane ?? lanes.current()) !== BASELINE;
    return inLane && isExport(headers) ? headers : lanes.attach(headers, options);
  };
  return { ...lanes, attach: attach as Lanes['attach'] };
}

/** Exporters call by `node:http` and `node:http2`, with headers by name. */
function isExport(headers: Carrier | undefined): boolean {
  for (const name in headers as Record<string, unknown> | undefined) {
    if (name.length !== 10 || name.toLowerCase() !== 'user-agent') continue;
    return String((headers as Record<string, unknown>)[name]).includes(OTLP_USER_AGENT);
  }
  return false;
}
