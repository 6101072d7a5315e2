import { type Lanes, lanesFor } from '@laneway/core';
import { exceptExporters } from './exporter-calls.js';
import { instrumentModules } from './instrument-modules.js';
import { instrumentSuperagent } from './instrument-superagent.js';
import { instrumentUndici, type UndiciModule } from './instrument-undici.js';
import { keepFetch } from './keep-fetch.js';

/** Options of {@link instrumentHttp}. */
export interface InstrumentOptions {
  /**
   * Copies of undici that cannot be found, such as one in a bundle.
   *
   * @default none
   * @example
   * import * as undici from './vendor/undici.js';
   * instrumentHttp(lanes, { undici: [undici] });
   */
  readonly undici?: readonly UndiciModule[];
  /**
   * Whether a global fetch that is assigned later carries the lane too. Next.js assigns one, whose cache could otherwise return the response
   * of another lane. The global fetch becomes an accessor, which sinon and `node:test` cannot stub.
   *
   * @default false; true with `@laneway/instrument/register`
   */
  readonly keepFetch?: boolean;
}

/** The result of {@link instrumentHttp}. */
export interface Instrumentation {
  /** Undoes the instrumentation. Wrappers that others have added since then stay and call the original. */
  restore(): void;
}

interface Active {
  count: number;
  readonly restore: () => void;
}

// The instrumentations that are active, by their lanes: the same lanes are instrumented once.
const instrumented = new Map<Lanes, Active>();

/**
 * Attaches the caller's lane to every HTTP call of this process: `node:http`, `node:https`, `node:http2`, Node's fetch and every copy of
 * undici, and every client that uses them.
 *
 * Call it before other modules load: a function that was taken from a module earlier (`const { request } = require('node:http')`) stays the
 * original. OpenTelemetry's exporters carry no lane.
 *
 * Calling it twice with the same lanes has no effect; restore both results to undo it.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @returns `restore`, which undoes the instrumentation
 * @throws {LanewayAdapterError} when `lanes` are not lanes
 * @example
 * import { instrumentHttp } from '@laneway/instrument';
 *
 * const { restore } = instrumentHttp(lanes);
 */
export function instrumentHttp(lanes?: Lanes, options: InstrumentOptions = {}): Instrumentation {
  const resolved = lanesFor('instrumentHttp', lanes);
  const active = instrumented.get(resolved) ?? start(resolved, options);
  active.count++;
  let restored = false;
  return {
    restore() {
      if (restored) return;
      restored = true;
      if (--active.count > 0) return;
      instrumented.delete(resolved);
      active.restore();
    },
  };
}

function start(lanes: Lanes, { undici = [], keepFetch: keepsFetch = false }: InstrumentOptions): Active {
  const attaching = exceptExporters(lanes);
  const restores = [
    instrumentModules(attaching),
    instrumentUndici(attaching, undici),
    instrumentSuperagent(),
  ];
  // Restored first, because it wraps what the others return.
  if (keepsFetch) restores.unshift(keepFetch(attaching));
  const active: Active = { count: 0, restore: () => restores.forEach((restore) => restore()) };
  instrumented.set(lanes, active);
  return active;
}
