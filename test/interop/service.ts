import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type EchoedRequest, type EchoServer, echoServer } from '@laneway/testing';
import type { LanePolicy } from '@laneway/core';
import type { SdkRoom } from './sdk-room.js';

const SERVICE = fileURLToPath(new URL('fixtures/service.cjs', import.meta.url));

/** What OpenTelemetry does in a service. */
export type Scenario =
  'none' | 'sdk first' | 'laneway first' | 'disabled' | 'sampler off' | 'suppressed' | 'instrumentations off';

/** What of `@laneway/opentelemetry` is wired into the SDK of a service. */
export type Wiring = 'plain' | 'propagator' | 'instrumentation' | 'both';

/** The policy of a service that is given no other one. */
export const POLICY: LanePolicy = { key: 'lane', carry: { headers: ['version'], baggage: ['*'] } };

/** How a service is started. */
export interface ServiceOptions {
  readonly room: SdkRoom;
  readonly scenario: Scenario;
  readonly wiring: Wiring;
  readonly clients: 'wrapped' | 'plain';
  /** Where `LaneInstrumentation` stands among the instrumentations. @default 'lane last' */
  readonly order?: 'lane first' | 'lane last';
  /** @default `POLICY` */
  readonly policy?: LanePolicy;
  /** Where spans are exported to, by OTLP over http. @default nowhere */
  readonly collector?: string;
}

/** The lane on the spans of a request: the server's, the active one, those of its calls. */
export interface Spans {
  readonly server?: string;
  readonly active?: string;
  readonly calls: readonly (string | null)[];
  /** What OpenTelemetry's `BaggageSpanProcessor` wrote on those of its calls. */
  readonly baggage: readonly (string | null)[];
}

/** What a service answers. */
export interface Answer {
  readonly size: number;
  readonly laneAtEnd?: string;
  readonly visible?: string;
  readonly after?: string;
  readonly traceId?: string;
  readonly spans: Spans;
  readonly echoed: EchoedRequest;
}

/** A call that a service is asked to make. */
export interface Question {
  readonly client: string;
  /** Where to. @default the echo server */
  readonly to?: string;
  /** A member to set by OpenTelemetry's API, `key=value`. */
  readonly baggage?: string;
  /** A `Baggage` header that the caller sets by hand. */
  readonly header?: string;
}

/** A service in a process of its own, and the server that it calls. */
export interface Service {
  readonly echo: EchoServer;
  /** A server without express. */
  readonly plain: string;
  ask(question: Question, headers?: Record<string, string>): Promise<Answer>;
  warnings(): Promise<{ code: string; message: string }[]>;
  stop(): Promise<void>;
}

/** Starts a service. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const echo = await echoServer();
  const child: ChildProcess = fork(SERVICE, {
    execArgv: [], // without vitest's own: the service loads the build, as its users do
    env: { ...process.env, ...environment(options) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(
      `The service ended with ${String(code)} before it listened. Build the packages: npm run build.`,
    );
  });
  const [ports] = (await Promise.race([once(child, 'message'), died])) as [{ port: number; plain: number }];
  died.catch(() => {}); // it ends when it is stopped
  const url = `http://127.0.0.1:${ports.port}/`;
  return {
    echo,
    plain: `http://127.0.0.1:${ports.plain}/`,
    async ask({ to = echo.url, ...question }, headers = {}) {
      const query = new URLSearchParams({ ...question, to });
      const answer = await fetch(`${url}?${query.toString()}`, {
        method: 'POST',
        headers,
        body: 'x'.repeat(100_000),
      });
      return (await answer.json()) as Answer;
    },
    warnings: async () =>
      (await (await fetch(`${url}warnings`)).json()) as { code: string; message: string }[],
    async stop() {
      child.disconnect();
      await once(child, 'exit');
      await echo.close();
    },
  };
}

function environment(options: ServiceOptions): NodeJS.ProcessEnv {
  const { room, scenario, wiring, clients, collector = '', order = 'lane last', policy = POLICY } = options;
  return {
    ORDER: order,
    POLICY: JSON.stringify(policy),
    SCENARIO: scenario,
    WIRING: wiring,
    CLIENTS: clients,
    ROOM: room.folder,
    COLLECTOR: collector,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    ...(scenario === 'disabled' && { OTEL_SDK_DISABLED: 'true' }),
    ...(scenario === 'sampler off' && { OTEL_TRACES_SAMPLER: 'always_off' }),
  };
}
