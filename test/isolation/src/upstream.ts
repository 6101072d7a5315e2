import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import http2, { type Http2ServerRequest } from 'node:http2';
import https from 'node:https';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import { listen } from './loopback.js';
import type { Client } from './client.js';
import type { Destination } from './situations.js';

/** The record of one request. */
export interface Arrival {
  readonly id: number;
  readonly destination: Destination;
  readonly step: string;
  /** The lines of each lane header, as received. */
  readonly 'x-lane': readonly string[];
  readonly baggage: readonly string[];
  /** Whether any header contained lane data. */
  readonly laneData: boolean;
}

/** Where the servers listen. */
export interface Addresses {
  readonly origins: Readonly<Record<Destination | 'refused', string>>;
  readonly ca: string | undefined;
}

/** The servers that a client calls. */
export interface Upstream {
  readonly addresses: Addresses;
  readonly arrivals: readonly Arrival[];
  /** Returns the largest number of simultaneous connections to `home`. */
  readonly peak: () => number;
  close(): void;
}

const HOSTS: Record<Destination, string> = {
  home: '127.0.0.1',
  other: 'other.internal',
  external: 'external.example',
};
const SLOW = 2;

/** Starts a server for each destination. The servers only record what arrives. */
export async function startUpstream(scheme: NonNullable<Client['scheme']>): Promise<Upstream> {
  const arrivals: Arrival[] = [];
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let peak = 0;
  const tls = scheme === 'https' || scheme === 'https2' ? await certificate() : undefined;
  const protocol = tls === undefined ? 'http:' : 'https:';

  const serve = async (destination: Destination): Promise<string> => {
    const dropped = new Set<string>();
    const handle = (request: IncomingMessage, response: ServerResponse): void =>
      answer(destination, arrivals, dropped, request, response);
    const server =
      scheme === 'http2'
        ? http2.createServer(handle as never)
        : scheme === 'https2'
          ? http2.createSecureServer({ ...tls }, handle as never)
          : tls === undefined
            ? http.createServer({ keepAliveTimeout: 0 }, handle)
            : https.createServer({ keepAliveTimeout: 0, ...tls }, handle);
    let open = 0;
    server.on('connection', (socket: Socket) => {
      open++;
      if (destination === 'home') peak = Math.max(peak, open);
      sockets.add(socket);
      socket.on('close', () => {
        open--;
        sockets.delete(socket);
      });
    });
    servers.push(server);
    return `${protocol}//${HOSTS[destination]}:${await listen(server)}`;
  };

  const origins = {
    home: await serve('home'),
    other: await serve('other'),
    external: await serve('external'),
    refused: `${protocol}//127.0.0.1:${await closedPort()}`,
  };
  return {
    addresses: { origins, ca: tls?.cert },
    arrivals,
    peak: () => peak,
    close: () => {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function answer(
  destination: Destination,
  arrivals: Arrival[],
  dropped: Set<string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [path = '', to = ''] = (request.url ?? '').split('?to=');
  const [, id = '', step = ''] = path.split('/');
  const again = dropped.has(path);
  const name = step === 'slow' ? 'ok' : step;
  arrivals.push({
    id: Number(id),
    destination,
    step: again ? `${name} again` : name,
    ...readHeaders(request),
  });
  const end = (): unknown => response.writeHead(200, { 'content-length': id.length }).end(id);
  if (step === 'redirect') {
    response.writeHead(302, { location: decodeURIComponent(to), 'content-length': 0 }).end();
  } else if (step === 'slow') {
    setTimeout(end, SLOW);
  } else if (step === 'begin') {
    response.writeHead(200, { 'content-length': 100 });
    response.write(id);
  } else if (step === 'reset') {
    breakOff(request, true);
  } else if ((step === 'drop' || step === 'busy') && !again) {
    dropped.add(path);
    if (step === 'drop') breakOff(request, false);
    else response.writeHead(503, { 'content-length': 0 }).end();
  } else if (step !== 'hang') {
    end();
  }
}

function readHeaders({ rawHeaders }: IncomingMessage): Omit<Arrival, 'id' | 'destination' | 'step'> {
  const lines: { 'x-lane': string[]; baggage: string[]; laneData: boolean } = {
    'x-lane': [],
    baggage: [],
    laneData: false,
  };
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]?.toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    if (name === 'x-lane' || name === 'baggage') lines[name].push(value);
    if (value.includes('lane-')) lines.laneData = true;
  }
  return lines;
}

/** Ends a request without an answer. Over http2 it ends only the stream, because the calls share the connection. */
function breakOff(request: IncomingMessage, reset: boolean): void {
  const { stream } = request as unknown as Partial<Http2ServerRequest>;
  if (stream !== undefined) stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  else if (reset && !('encrypted' in request.socket)) request.socket.resetAndDestroy();
  else request.socket.destroy();
}

async function certificate(): Promise<{ key: string; cert: string }> {
  const { generate } = await import('selfsigned');
  const altNames = [
    { type: 7 as const, ip: HOSTS.home },
    ...[HOSTS.other, HOSTS.external].map((value) => ({ type: 2 as const, value })),
  ];
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  return { cert, key };
}

async function closedPort(): Promise<number> {
  const server = http.createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}
