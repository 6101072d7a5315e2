import { type CallbackOptions, type CallbackServer, startCallbackServer } from './callback-server.js';
import type { Exchange, HeaderLine, Probe } from './exchange.js';
import { createServiceClient } from './service-client.js';

/** Sends probes to one service and records the calls that the service makes. */
export interface Harness {
  /** The address that the service calls. */
  readonly callbackUrl: string;
  /** @param hold the answer to the first call waits for this promise */
  send(probe: Probe, hold?: () => Promise<void>): Promise<Exchange>;
  close(): Promise<void>;
}

/** Options of `startHarness`. */
export interface HarnessOptions extends CallbackOptions {
  readonly service: URL;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Starts the harness for one service. */
export async function startHarness(options: HarnessOptions): Promise<Harness> {
  const server = await startCallbackServer(options);
  const client = createServiceClient(options.service);
  const limit = (): AbortSignal => {
    const timeout = AbortSignal.timeout(options.timeoutMs);
    return options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  };
  return {
    callbackUrl: server.url,
    async send({ lines, calls }, hold) {
      const expectation = server.expect(calls, hold);
      const actions = expectation.urls.map((url) => ({ url, arguments: [] }));
      let status: number | undefined;
      let failure: string | undefined;
      try {
        status = await client.post(lines, JSON.stringify(actions), limit());
        failure = describeShortfall(status, expectation.calls);
      } catch (error) {
        options.signal?.throwIfAborted();
        failure = describeError(error, options.timeoutMs);
      }
      expectation.end();
      return { sent: lines, status, failure, calls: expectation.calls.filter(isCall) };
    },
    close: async () => {
      client.close();
      await server.close();
    },
  };
}

function describeShortfall(
  status: number,
  calls: ReturnType<CallbackServer['expect']>['calls'],
): string | undefined {
  const missing = calls.filter((call) => call === undefined).length;
  const answered = `the service answered ${status}`;
  if (missing > 0) return `${answered} and did not make ${missing} of ${calls.length} calls`;
  return status >= 200 && status < 300 ? undefined : answered;
}

function describeError(error: unknown, timeoutMs: number): string {
  const { name, code, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError')
    return `the service did not answer within ${timeoutMs} ms`;
  if (code === 'ECONNREFUSED') return 'nothing listens at its address';
  if (code === 'ECONNRESET') return 'the service closed the connection without an answer';
  return `the request to the service failed: ${message || String(code)}`;
}

function isCall(call: readonly HeaderLine[] | undefined): call is readonly HeaderLine[] {
  return call !== undefined;
}
