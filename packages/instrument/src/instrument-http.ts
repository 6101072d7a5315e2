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
   * Whether a global fetch that is assigned later carries the lane too, such as that of Next.js, whose cache would else answer one lane with
   * the response of another. The global fetch is then an accessor, which sinon and `node:test` refuse to stub.
   *
   * @default false; true with `@laneway/instrument/register`
   */
  readonly keepFetch?: boolean;
}

/** See {@link instrumentHttp}. */
export interface Instrumentation {
  /** Takes everything back; what others have put around it since then stays. */
  restore(): void;
}

interface Active {
  count: number;
  readonly restore: () => void;
}

// By lanes: what is instrumented already is not instrumented again.
const instrumented = new Map<Lanes, Active>();

/**
 * Puts the lane of the caller on everything that this process sends over HTTP: `node:http`, `node:https`, `node:http2`, Node's fetch and
 * every copy of undici, and so by every client that is made of these. Call it once, first of all: what was taken out of a module before
 * (`const { request } = require('node:http')`) is not reached.
 *
 * What OpenTelemetry's exporters send is in no lane.
 *
 * Called again with the same lanes it changes nothing, and everything is taken back when each of the results is restored.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @throws {LanewayAdapterError} when it is handed no lanes
 * @example
 * import { instrumentHttp } from '@laneway/instrument';
 *
 * const { restore } = instrumentHttp(lanes);
 */
export function instrumentHttp(lanes?: Lanes, options: InstrumentOptions = {}): Instrumentation {
  const own = lanesFor('instrumentHttp', lanes);
  const active = instrumented.get(own) ?? start(own, options);
  active.count++;
  let restored = false;
  return {
    restore() {
      if (restored) return;
      restored = true;
      if (--active.count > 0) return;
      instrumented.delete(own);
      active.restore();
    },
  };
}

function start(lanes: Lanes, { undici = [], keepFetch: keepsFetch = false }: InstrumentOptions): Active {
  const own = exceptExporters(lanes);
  const restores = [instrumentModules(own), instrumentUndici(own, undici), instrumentSuperagent()];
  // Restored first, as it stands around the others.
  if (keepsFetch) restores.unshift(keepFetch(own));
  const active: Active = { count: 0, restore: () => restores.forEach((restore) => restore()) };
  instrumented.set(lanes, active);
  return active;
}
