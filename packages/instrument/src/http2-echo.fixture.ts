import http2 from 'node:http2';
import { text } from 'node:stream/consumers';
import { close, type EchoedRequest, type EchoServer, listen } from '@laneway/testing';

/** An `echoServer` over HTTP/2, with what the contract needs. */
export async function http2Echo(): Promise<EchoServer> {
  const sessions: unknown[] = [];
  const server = http2.createServer((request, response) => {
    const { method, url, rawHeaders: raw, stream } = request;
    if (url === '/drop') return stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
    const connection = sessions.indexOf(stream.session) + 1;
    const headers = raw.flatMap((name, index) =>
      index % 2 === 0 ? [[name, raw[index + 1] ?? ''] as const] : [],
    );
    void text(request).then((body) => {
      const seen: EchoedRequest = { method, path: url, headers, body, connection };
      response.end(JSON.stringify(seen));
    });
  });
  server.on('session', (session) => void sessions.push(session));
  const port = await listen(server);
  const url = `http://127.0.0.1:${port}`;
  return { server: server as never, port, url, close: () => close(server) };
}
