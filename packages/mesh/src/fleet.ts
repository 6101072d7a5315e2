import type { MeshConfig } from './config.js';
import { findFreePort } from './ports.js';
import { openUpstream, type Upstream } from './upstream.js';
import { startWorkload, type MeshLog, type Workload } from './workload.js';

/** A workload and the connections to it. */
export interface Backend {
  readonly workload: Workload;
  readonly upstream: Upstream;
}

/** All workloads of a mesh. */
export interface Fleet {
  find(service: string, version: string): Backend;
  /** Resolves when every workload accepts connections; rejects as soon as one does not. */
  ready(): Promise<void>;
  end(graceMs: number): Promise<void>;
  kill(): void;
}

/** Options of `startFleet`: the environment of the workloads and how long they may take to start. */
export interface FleetOptions {
  readonly addresses: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  readonly onLog: (log: MeshLog) => void;
}

/** Starts every version of every service at once. */
export async function startFleet(config: MeshConfig, options: FleetOptions): Promise<Fleet> {
  const wanted = Object.entries(config.services).flatMap(([service, { versions }]) =>
    Object.keys(versions).map((version) => ({ service, version })),
  );
  const ports = new Set<number>();
  // eslint-disable-next-line no-await-in-loop -- each search needs the ports found before
  while (ports.size < wanted.length) ports.add(await findFreePort(ports));

  const backends = new Map<string, Backend>();
  for (const [index, port] of [...ports].entries()) {
    const { service, version } = wanted[index]!;
    const workload = startWorkload({ config, service, version, port, ...options });
    const upstream = openUpstream(workload, (text) =>
      options.onLog({ source: 'mesh', level: 'error', text }),
    );
    backends.set(backendKey(service, version), { workload, upstream });
  }
  const workloads = [...backends.values()].map(({ workload }) => workload);

  return {
    find: (service, version) => backends.get(backendKey(service, version))!,
    async ready() {
      await Promise.all(workloads.map((workload) => workload.ready));
    },
    async end(graceMs) {
      await Promise.all(workloads.map((workload) => workload.end(graceMs)));
      for (const { upstream } of backends.values()) upstream.close();
    },
    kill() {
      for (const workload of workloads) workload.kill();
    },
  };
}

function backendKey(service: string, version: string): string {
  return JSON.stringify([service, version]);
}
