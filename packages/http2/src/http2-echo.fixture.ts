import http2, {
  type Http2SecureServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { text } from 'node:stream/consumers';
import { close, type EchoedRequest, type EchoServer, listen } from '@laneway/testing';

/** {@link echoServer} over http2. Pseudo headers count as headers, a session counts as a connection, `/drop` closes the stream. */
export async function http2Echo(
  server: Http2Server | Http2SecureServer = http2.createServer(),
): Promise<EchoServer> {
  const sessions = new Map<ServerHttp2Session | undefined, number>();
  server.on('session', (session) => void sessions.set(session, sessions.size + 1));
  const answer = (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    _flags: number,
    raw: string[],
  ): void => {
    stream.on('error', () => {});
    if (headers[':path'] === '/drop') return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    const connection = sessions.get(stream.session as ServerHttp2Session) ?? 0;
    const respond = (body: string): void => {
      const method = headers[':method'] ?? '';
      const seen: EchoedRequest = {
        method,
        path: headers[':path'] ?? '',
        headers: pairsOf(raw),
        body,
        connection,
      };
      if (stream.destroyed) return;
      stream.respond({ ':status': 200 });
      stream.end(JSON.stringify(seen));
    };
    text(stream).then(respond, () => {});
  };
  server.on('stream', answer as never);
  const port = await listen(server);
  const closeAll = (): Promise<void> => {
    for (const session of sessions.keys()) session?.destroy();
    return close(server);
  };
  return { server: server as never, port, url: `http://127.0.0.1:${port}`, close: closeAll };
}

function pairsOf(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i] ?? '', raw[i + 1] ?? '']);
  return pairs;
}
