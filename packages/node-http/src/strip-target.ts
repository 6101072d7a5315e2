import type { Lanes } from '@laneway/core';
import type { CapturedRequest } from './captured-request.js';

// `originalUrl` is the copy of connect and express. `query` of express 4 and `_query` of engine.io are parsed before the lane is captured.
const URLS = ['url', 'originalUrl'];
const QUERIES = ['query', '_query'];
const PATH = ':path';

/** Removes the query parameter that names the lane from a request in place: from its URL, the copies of it, and what was parsed from it. */
export function stripTarget(lanes: Lanes, request: CapturedRequest): void {
  const { query } = lanes.policy.sources;
  if (query === undefined) return;
  const record = request as unknown as Record<string, unknown>;
  for (const name of URLS) stripField(lanes, record, name);
  for (const name of QUERIES) {
    const parsed = Object.hasOwn(record, name) ? record[name] : undefined;
    if (typeof parsed === 'object' && parsed !== null) Reflect.deleteProperty(parsed, query);
  }
  stripField(lanes, request.headers, PATH);
  const raw = request.rawHeaders ?? [];
  const path = raw.indexOf(PATH);
  if (path % 2 === 0) stripField(lanes, raw as unknown as Record<string, unknown>, String(path + 1));
}

function stripField(lanes: Lanes, record: Record<string, unknown>, name: string): void {
  const url = record[name];
  if (typeof url !== 'string') return;
  const kept = lanes.stripUrl(url);
  if (kept !== url) record[name] = kept;
}
