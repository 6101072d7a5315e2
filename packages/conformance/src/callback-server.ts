import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ConformanceError } from './errors.js';
import type { HeaderLine } from './exchange.js';

/** The calls that one request asks the service to make. */
export interface Expectation {
  readonly urls: readonly string[];
  /** The `baggage` lines of each call; `undefined` for a call that has not arrived. */
  readonly calls: readonly (readonly HeaderLine[] | undefined)[];
  /** Stops waiting for these calls; later ones get a 404. */
  end(): void;
}

/** The server that the service calls back. */
export interface CallbackServer {
  readonly url: string;
  /** @param hold returns a promise for which the answer to the first call waits */
  expect(calls: number, hold?: () => Promise<void>): Expectation;
  close(): Promise<void>;
}

/** Where the callback server listens. */
export interface CallbackOptions {
  readonly host: string;
  readonly port: number;
}

/** Starts the server that the service calls back. Its paths contain a secret, so it can ignore the requests of all others. */
export async function startCallbackServer({ host, port }: CallbackOptions): Promise<CallbackServer> {
  const secret = randomUUID();
  const expected = new Map<string, (lines: readonly HeaderLine[]) => Promise<void> | undefined>();
  const server = createServer({ maxHeaderSize: 1 << 17 }, (request, response) => {
    const record = expected.get(request.url ?? '');
    if (record === undefined) return void response.writeHead(404).end();
    void answer(request, response, record(baggageLines(request)));
  });
  server.listen(port, bindAddress(host));
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ConformanceError(
      'ERR_CONFORMANCE_USAGE',
      `Cannot listen on port ${port} for ${host}: ${(error as Error).message}. Choose another --port, or 0 for any free port.`,
      { cause: error },
    );
  }
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const url = `http://${name}:${(server.address() as AddressInfo).port}`;
  let count = 0;
  return {
    url,
    expect(size, hold) {
      const calls: (readonly HeaderLine[] | undefined)[] = Array.from({ length: size });
      const paths = calls.map(() => `/${secret}/${++count}`);
      for (const [index, path] of paths.entries())
        expected.set(path, (lines) => {
          calls[index] = lines;
          return index === 0 ? hold?.() : undefined;
        });
      return {
        urls: paths.map((path) => url + path),
        calls,
        end: () => paths.forEach((path) => expected.delete(path)),
      };
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  held: Promise<void> | undefined,
): Promise<void> {
  request.resume();
  await held;
  response.setHeader('content-type', 'application/json').end('null');
}

/**
 * Returns the address to listen on when the service calls `host`: loopback for loopback, the address itself if it belongs to this
 * machine, otherwise `undefined`, every interface. The harness cannot resolve a name that only the service knows.
 */
export function bindAddress(host: string): string | undefined {
  if (host === 'localhost') return '127.0.0.1';
  if (isIP(host) === 0) return undefined;
  const local = Object.values(networkInterfaces()).flat();
  const isLocal = host.startsWith('127.') || local.some((address) => address?.address === host);
  return isLocal ? host : undefined;
}

function baggageLines({ rawHeaders }: IncomingMessage): HeaderLine[] {
  const lines: HeaderLine[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? '';
    if (name.toLowerCase() === 'baggage') lines.push([name, rawHeaders[i + 1] ?? '']);
  }
  return lines;
}
