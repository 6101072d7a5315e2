import { createServer, type IncomingMessage, type Server } from 'node:http';
import { close, listen } from './loopback.js';

/** What an {@link echoServer} saw of a request. */
export interface EchoedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case and values as they came on the wire, in order, duplicates included. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** The number of the connection that it came over, from 1. */
  readonly connection: number;
}

/** A server that answers each request with what it saw of it. */
export interface EchoServer {
  readonly server: Server;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a real http server on loopback that answers with an {@link EchoedRequest} as JSON. `/redirect?to=URL` answers with 302
 * (or `&status=`), so does `/redirect/URL`, for clients that lose the query, `/slow?ms=N` after N milliseconds, `/drop` by closing the connection.
 */
export async function echoServer(): Promise<EchoServer> {
  const connections = new WeakMap<object, number>();
  let count = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://echo');
    if (url.pathname === '/drop') return void request.socket.destroy();
    if (url.pathname.startsWith('/redirect')) {
      const status = Number(url.searchParams.get('status') ?? 302);
      return void response
        .writeHead(status, { location: url.searchParams.get('to') ?? pathTarget(url) })
        .end();
    }
    const delay = url.pathname === '/slow' ? Number(url.searchParams.get('ms')) : 0;
    const answerWith = (body: string): void => {
      const seen: EchoedRequest = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: pairsOf(request.rawHeaders),
        body,
        connection: connections.get(request.socket) ?? 0,
      };
      const answer = (): unknown =>
        response.setHeader('content-type', 'application/json').end(JSON.stringify(seen));
      if (delay > 0) setTimeout(answer, delay);
      else answer();
    };
    // A client that goes away, which is told late on some runtimes, needs no answer.
    readBody(request).then(answerWith, () => {});
  });
  server.on('connection', (socket) => void connections.set(socket, ++count));
  const port = await listen(server);
  return { server, port, url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

const pathTarget = ({ pathname }: URL): string =>
  decodeURIComponent(pathname.slice('/redirect/'.length)) || '/';

/** The values of a header in an echoed request, each line by itself. */
export function headerLines(request: EchoedRequest, name: string): string[] {
  return request.headers.filter(([key]) => key === name).map(([, value]) => value);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([(raw[i] ?? '').toLowerCase(), raw[i + 1] ?? '']);
  return pairs;
}
