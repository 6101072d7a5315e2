import { createRequire } from 'node:module';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Lanes } from '@laneway/core';
import {
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  echoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
} from '@laneway/testing';
import { afterAll, beforeAll } from 'vitest';

/** The parts of an echoed request that the `.otel.test.ts` files compare: the lane header's lines, the baggage lines, the number of trace headers. */
export type Lines = readonly [lane: readonly string[], baggage: readonly string[], traces: number];

/** OpenTelemetry and an echo server, for the tests of one file. */
export interface Otel {
  readonly lanes: Lanes;
  /** The echo server. It exists only while tests run. */
  readonly echo: EchoServer;
  inLane<T>(name: string, fn: () => T): T;
  /** Returns a URL of the echo server. @param host a name that the client resolves to loopback */
  at(host: string, path: string): string;
  /** Returns a URL of the echo server that redirects. */
  via(host: string, to: string): string;
}

/**
 * Starts a tracer provider with W3C propagators, these instrumentations and an echo server before the tests of a file, and stops them
 * after the tests. The `lanes` are defined before the provider starts.
 */
export function useOtel(...instrumentations: readonly Instrumentation[]): Otel {
  const lanes = contractLanes();
  const provider = new NodeTracerProvider();
  let echo: EchoServer | undefined;
  beforeAll(async () => {
    const propagators = [new W3CTraceContextPropagator(), new W3CBaggagePropagator()];
    provider.register({ propagator: new CompositePropagator({ propagators }) });
    for (const instrumentation of instrumentations) instrumentation.setTracerProvider(provider);
    // The http instrumentation patches the module at the next `require`.
    createRequire(import.meta.url)('node:http');
    echo = await echoServer();
  });
  afterAll(async () => {
    await echo?.close();
    for (const instrumentation of instrumentations) instrumentation.disable();
    await provider.shutdown();
  });
  const at = (host: string, path: string): string => `http://${host}:${echo?.port}${path}`;
  return {
    lanes,
    get echo() {
      if (echo === undefined) throw new Error('The echo server is not running. Use `echo` inside a test.');
      return echo;
    },
    inLane: (name, fn) => lanes.run(lanes.capture(laneHeaders(name)), fn),
    at,
    // axios 1.0.0 drops the `?` of a query.
    via: (host, to) => at(host, `/redirect/${encodeURIComponent(to)}`),
  };
}

/** Returns the compared parts of an echoed request. */
export function linesOf(seen: EchoedRequest): Lines {
  return [
    headerLines(seen, 'version'),
    headerLines(seen, 'baggage'),
    headerLines(seen, 'traceparent').length,
  ];
}

/** Returns the expected parts of a call in a lane. */
export const inLaneLines = (name: string, traces = 1): Lines => [[name], [laneBaggage(name)], traces];

/** Returns the expected parts of a call without a lane. */
export const traceOnly = (traces = 1): Lines => [[], [], traces];
