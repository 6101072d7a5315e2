import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { DropMessage, LanePolicy } from '@laneway/core';
import { type EchoedRequest, type EchoServer, echoServer, headerLines } from '@laneway/testing';
import type { SdkInstall } from './sdk-install.js';

const SERVICE = fileURLToPath(new URL('fixtures/service.cjs', import.meta.url));

/** What OpenTelemetry does in a service. `on demand`: its SDK starts when {@link Service.startSdk} is called. */
export type Scenario =
  | 'none'
  | 'sdk first'
  | 'laneway first'
  | 'on demand'
  | 'disabled'
  | 'sampler off'
  | 'suppressed'
  | 'instrumentations off';

/** The part of `@laneway/opentelemetry` that the SDK of a service uses. */
export type Wiring = 'plain' | 'propagator' | 'instrumentation' | 'both';

/** The default policy of a service. */
export const POLICY: LanePolicy = { key: 'lane', carry: { headers: ['version'], baggage: ['*'] } };

/** How a service is started. */
export interface ServiceOptions {
  readonly install: SdkInstall;
  readonly scenario: Scenario;
  readonly wiring: Wiring;
  readonly clients: 'wrapped' | 'plain';
  /** The position of `LaneInstrumentation` among the instrumentations. @default 'lane last' */
  readonly order?: 'lane first' | 'lane last';
  /** @default `POLICY` */
  readonly policy?: LanePolicy;
  /** Where spans are exported to, by OTLP over http. @default nowhere */
  readonly collector?: string;
}

/** The lane on the spans of a request: on the server's, on the active one, on those of its calls. */
export interface Spans {
  readonly server?: string;
  readonly active?: string;
  readonly calls: readonly (string | null)[];
  /** What OpenTelemetry's `BaggageSpanProcessor` wrote on the spans of the calls. */
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

/** A call that a service makes. */
export interface Question {
  readonly client: string;
  /** @default the URL of the echo server */
  readonly to?: string;
  /** A member to set through OpenTelemetry's API, `key=value`. */
  readonly baggage?: string;
  /** A `Baggage` header that the caller sets. */
  readonly header?: string;
}

/** A service in a separate process, and the server that it calls. */
export interface Service {
  readonly echo: EchoServer;
  /** The URL of the echo server under the name of an external host. */
  readonly external: string;
  /** The URL of a server without express. */
  readonly plain: string;
  ask(question: Question, headers?: Record<string, string>): Promise<Answer>;
  /** Warnings of Laneway. */
  warnings(): Promise<{ code: string; message: string }[]>;
  /** What was published on `laneway:drop`. */
  drops(): Promise<DropMessage[]>;
  startSdk(): Promise<void>;
  /** Replaces the registered propagator with a new one, W3C trace context and baggage. */
  replacePropagator(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a service. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const echo = await echoServer();
  const child: ChildProcess = fork(SERVICE, {
    execArgv: [], // without vitest's options: the service loads the build, as its users do
    env: { ...process.env, ...environment(options) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const died = once(child, 'exit').then(([code]) => {
    throw new Error(
      `The service exited with code ${String(code)} before it listened. Build the packages: npm run build.`,
    );
  });
  const [ports] = (await Promise.race([once(child, 'message'), died])) as [{ port: number; plain: number }];
  died.catch(() => {}); // stop() ends the child
  const url = `http://127.0.0.1:${ports.port}/`;
  const read = async (path: string): Promise<unknown> => (await fetch(url + path)).json();
  return {
    echo,
    external: `http://external.example:${echo.port}/`,
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
    warnings: async () => (await read('warnings')) as { code: string; message: string }[],
    drops: async () => (await read('drops')) as DropMessage[],
    startSdk: async () => void (await read('start-sdk')),
    replacePropagator: async () => void (await read('replace-propagator')),
    async stop() {
      child.disconnect();
      await once(child, 'exit');
      await echo.close();
    },
  };
}

/** The baggage and the named header of the call that a service made, line by line. */
export const linesOf = ({ echoed }: Answer): [baggage: string[], version: string[]] => [
  headerLines(echoed, 'baggage'),
  headerLines(echoed, 'version'),
];

/** How many trace headers the call had. */
export const tracesOf = ({ echoed }: Answer): number => headerLines(echoed, 'traceparent').length;

function environment(options: ServiceOptions): NodeJS.ProcessEnv {
  const {
    install,
    scenario,
    wiring,
    clients,
    collector = '',
    order = 'lane last',
    policy = POLICY,
  } = options;
  return {
    ORDER: order,
    POLICY: JSON.stringify(policy),
    SCENARIO: scenario,
    WIRING: wiring,
    CLIENTS: clients,
    SDK_FOLDER: install.folder,
    COLLECTOR: collector,
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '20',
    ...(scenario === 'disabled' && { OTEL_SDK_DISABLED: 'true' }),
    ...(scenario === 'sampler off' && { OTEL_TRACES_SAMPLER: 'always_off' }),
  };
}
