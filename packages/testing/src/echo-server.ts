import { createServer, type IncomingMessage, type Server } from 'node:http';
import { close, listen } from './loopback.js';

/** A request as an {@link echoServer} received it. */
export interface EchoedRequest {
  readonly method: string;
  readonly path: string;
  /** Names in lower case and values as received, in order, including duplicates. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** The number of the connection, from 1. */
  readonly connection: number;
}

/** A server that answers each request with a description of that request. */
export interface EchoServer {
  readonly server: Server;
  readonly port: number;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts a real http server on loopback that answers with an {@link EchoedRequest} as JSON. `/redirect?to=URL` answers with 302
 * (or `&status=`), and so does `/redirect/URL`, for clients that drop the query. `/slow?ms=N` answers after N milliseconds. `/drop` closes
 * the connection without an answer.
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
    // The client has disconnected, which some runtimes report late.
    readBody(request).then(answerWith, () => {});
  });
  server.on('connection', (socket) => void connections.set(socket, ++count));
  const port = await listen(server);
  return { server, port, url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

const pathTarget = ({ pathname }: URL): string =>
  decodeURIComponent(pathname.slice('/redirect/'.length)) || '/';

/** Returns the values of a header in an echoed request, one per line. */
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
