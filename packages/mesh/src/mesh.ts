import type { MeshConfig, MeshMode } from './config.js';
import { startFleet, type Fleet } from './fleet.js';
import { createGatewayHop, createServiceHop, type HopContext, type MeshServe } from './hop.js';
import { createLaneTravel } from './lane-travel.js';
import { createListener, type Decide, type Listener } from './listener.js';
import { LOOPBACK, listen } from './ports.js';
import { urlVariable } from './references.js';
import type { MeshLog } from './workload.js';

/** Options of `startMesh`. */
export interface MeshOptions {
  /** @default the file's `mode` */
  readonly mode?: MeshMode | undefined;
  /** The gateway's port; 0 picks a free port. @default the file's `gateway.port` */
  readonly port?: number | undefined;
  /** Called for each request and each WebSocket handshake, at the gateway and at each service. */
  readonly onServe?: ((serve: MeshServe) => void) | undefined;
  /** Called for each line that a workload prints, and for messages of the mesh. */
  readonly onLog?: ((log: MeshLog) => void) | undefined;
  /** Ends the mesh. While the mesh starts, `startMesh` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How many milliseconds a workload may take to accept connections. @default 15000 */
  readonly startTimeoutMs?: number | undefined;
  /** How many milliseconds a workload may take to end after SIGTERM, before SIGKILL. @default 3000 */
  readonly graceMs?: number | undefined;
}

/** A running mesh. */
export interface Mesh {
  /** The gateway's address. */
  readonly url: string;
  /** Each service's local address, which other services call. */
  readonly services: Readonly<Record<string, string>>;
  readonly mode: MeshMode;
  /** Ends every process that the mesh started, and resolves when all have ended. Calling it twice has no effect. */
  close(): Promise<void>;
}

/**
 * Starts the gateway, a local address for each service, and every workload. Resolves when all of them are ready.
 *
 * Call `close` on SIGINT and SIGTERM: the mesh handles no signals. If the process exits without `close`, the mesh kills the
 * workloads.
 *
 * @throws {MeshError} when a port is in use or a workload does not start; by then every started workload has ended
 * @example
 * const mesh = await startMesh(loadMesh('mesh.yaml'), { port: 0, onServe: (serve) => console.log(serve) });
 * await fetch(mesh.url, { headers: { version: 'v2' } });
 * await mesh.close();
 */
export async function startMesh(config: MeshConfig, options: MeshOptions = {}): Promise<Mesh> {
  const { signal, onServe = () => {}, onLog = () => {}, startTimeoutMs = 15_000, graceMs = 3000 } = options;
  signal?.throwIfAborted();
  const mode = options.mode ?? config.mode;
  const listeners: Listener[] = [];
  let announce!: (fleet: Fleet) => void;
  const launched = new Promise<Fleet>((resolve) => (announce = resolve));
  let fleet: Fleet | undefined;
  const kill = (): void => fleet?.kill();
  process.on('exit', kill);

  const end = async (): Promise<void> => {
    await Promise.all(listeners.map((listener) => listener.close()));
    await fleet?.end(graceMs);
    process.off('exit', kill);
  };
  let ended: Promise<void> | undefined;
  const close = (): Promise<void> => (ended ??= end());

  const open = async (decide: Decide, port: number, entry: string): Promise<string> => {
    const listener = createListener(decide);
    const actual = await listen(listener.server, port, entry);
    listeners.push(listener);
    return `http://${LOOPBACK}:${actual}`;
  };

  try {
    const context: HopContext = {
      config,
      mode,
      travel: createLaneTravel(config.lane),
      fleet: launched,
      onServe,
    };
    const entry = options.port === undefined ? '`gateway.port`' : 'the option `port`';
    const url = await open(createGatewayHop(context), options.port ?? config.gateway.port, entry);
    const services: Record<string, string> = {};
    for (const [name, { port }] of Object.entries(config.services)) {
      // eslint-disable-next-line no-await-in-loop -- in the file's order, so that the first entry gets a port that two entries name
      services[name] = await open(createServiceHop(context, name), port, `\`services.${name}.port\``);
    }
    const addresses = Object.fromEntries(
      Object.entries(services).map(([name, at]) => [urlVariable(name), at]),
    );
    fleet = await startFleet(config, { addresses, startTimeoutMs, onLog });
    announce(fleet);
    await Promise.race([fleet.ready(), rejectOnAbort(signal)]);
    signal?.addEventListener('abort', () => void close(), { once: true });
    return { url, services, mode, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function rejectOnAbort(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}
