import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { MeshConfig, VersionConfig } from './config.js';
import { MeshError } from './errors.js';
import { acceptsConnection } from './ports.js';
import { startGroup } from './process-group.js';

/** One line of log output. */
export interface MeshLog {
  /** The source: `mesh`, or a workload such as `helloworld v2`. */
  readonly source: string;
  /** `output` is a line that a workload printed. */
  readonly level: 'info' | 'error' | 'output';
  readonly text: string;
}

/** One version of a service, running. */
export interface Workload {
  readonly service: string;
  readonly version: string;
  readonly port: number;
  /** Why it has ended; undefined while it runs. */
  readonly failure: string | undefined;
  /** Resolves when it accepts connections. Rejects when it ends or takes too long. */
  readonly ready: Promise<void>;
  /** Ends it and every process that it started. */
  end(graceMs: number): Promise<void>;
  /** Sends SIGKILL, synchronously. */
  kill(): void;
}

/** Options of `startWorkload`. */
export interface WorkloadPlan {
  readonly config: MeshConfig;
  readonly service: string;
  readonly version: string;
  readonly port: number;
  /** The services' addresses, as environment variables. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly startTimeoutMs: number;
  readonly onLog: (log: MeshLog) => void;
}

const REMEMBERED_LINES = 10;
const POLL_MS = 20;

/** Starts a workload. It is ready when its port accepts a connection. */
export function startWorkload(plan: WorkloadPlan): Workload {
  const { service, version, port, onLog } = plan;
  const source = `${service} ${version}`;
  const { run, env }: VersionConfig = plan.config.services[service]!.versions[version]!;
  const group = startGroup(run, dirname(plan.config.file), {
    ...process.env,
    ...plan.addresses,
    ...env,
    PORT: String(port),
    SERVICE: service,
    VERSION: version,
  });
  const lastLines: string[] = [];
  const remember = (text: string): void => {
    onLog({ source, level: 'output', text });
    lastLines.push(text);
    if (lastLines.length > REMEMBERED_LINES) lastLines.shift();
  };
  const outputEnded = Promise.all([group.stdout, group.stderr].map((stream) => readLines(stream, remember)));

  let ready = false;
  let closing = false;
  let failure: string | undefined;
  const stop = new AbortController();

  const watchEnd = async (): Promise<void> => {
    failure = `${source} ${await group.ended}`;
    stop.abort();
    if (!ready || closing) return;
    const text = `${failure}. Requests for it get 503. Start the mesh again.`;
    onLog({ source: 'mesh', level: 'error', text });
  };
  const ended = watchEnd();

  const becomeReady = async (): Promise<void> => {
    ready = await waitForPort(port, plan.startTimeoutMs, stop.signal);
    if (ready) return;
    if (!stop.signal.aborted)
      throw new MeshError('MESH_WORKLOAD_TIMEOUT', slowStart(source, plan, lastLines));
    await ended;
    // Wait for output that is still in the pipe, but not long: a process that left the group may hold the pipe open forever.
    await Promise.race([outputEnded, delay(250)]);
    throw new MeshError('MESH_WORKLOAD_ENDED', earlyEnd(failure ?? source, run, lastLines));
  };
  const readiness = becomeReady();
  readiness.catch(() => {});

  return {
    service,
    version,
    port,
    get failure() {
      return failure;
    },
    ready: readiness,
    async end(graceMs) {
      closing = true;
      stop.abort();
      await group.end(graceMs);
    },
    kill: () => group.kill(),
  };
}

function readLines(stream: Readable, onLine: (text: string) => void): Promise<void> {
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', onLine);
  return new Promise((resolve) => stream.once('close', resolve));
}

async function waitForPort(port: number, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  // Poll: there is no event for a port that another process opens.
  while (!signal.aborted && Date.now() < deadline) {
    // eslint-disable-next-line no-await-in-loop -- polling
    if (await acceptsConnection(port)) return !signal.aborted;
    // eslint-disable-next-line no-await-in-loop -- polling
    await delay(POLL_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

function earlyEnd(failure: string, run: string, lines: readonly string[]): string {
  return `${failure} before it accepted a connection.${quoteOutput(lines)}\nRun \`${run}\` by hand and correct it; it must stay in the foreground.`;
}

function slowStart(source: string, plan: WorkloadPlan, lines: readonly string[]): string {
  return (
    `${source} accepted no connection on 127.0.0.1:${plan.port} within ${plan.startTimeoutMs / 1000} s.${quoteOutput(lines)}\n` +
    'Make it listen on the port in the environment variable PORT, on 127.0.0.1 or on all addresses.'
  );
}

function quoteOutput(lines: readonly string[]): string {
  return lines.length === 0
    ? ' It printed nothing.'
    : ` Its last output:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
