import { once } from 'node:events';
import http2, {
  type ClientHttp2Session,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Handle, inboundContract, type InboundServer, listen } from '@laneway/testing';
import { selfSigned } from './certificate.fixture.js';
import { http2Lane } from './index.js';

/** Reads the body with listeners instead of `for await`, because each listener must run in the lane by itself. */
function onBody(incoming: Readable, then: (body: string) => void): void {
  const chunks: Buffer[] = [];
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
  incoming.on('end', () => then(Buffer.concat(chunks).toString()));
}

function answerRequests(server: Http2Server | Http2SecureServer, handle: Handle): void {
  server.on('request', (incoming: Http2ServerRequest, response: Http2ServerResponse) => {
    onBody(incoming, (sent) => {
      Promise.resolve()
        .then(() => handle(sent, incoming.headers, incoming.url))
        .then(
          (body) => response.end(body),
          () => response.writeHead(500).end('failed'),
        );
    });
  });
}

function answerStreams(server: Http2Server, handle: Handle): void {
  server.on('stream', (stream, headers) => {
    onBody(stream, (sent) => {
      const answer = (status: number, body: string): void => {
        stream.respond({ ':status': status });
        stream.end(body);
      };
      Promise.resolve()
        .then(() => handle(sent, headers, headers[':path']))
        .then(
          (body) => answer(200, body),
          () => answer(500, 'failed'),
        );
    });
  });
}

/** A client that sends all requests over one session. */
function client(session: ClientHttp2Session, server: Http2Server | Http2SecureServer): InboundServer {
  return {
    async send(headers, body = '', query = '') {
      const request = session.request({ ':method': 'POST', ':path': `/?${query}`, ...headers });
      request.end(body);
      const [answer] = (await once(request, 'response')) as [{ ':status'?: number }];
      return { ok: answer[':status'] === 200, body: await text(request) };
    },
    async close() {
      session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const apis = { stream: answerStreams, request: answerRequests };

for (const [name, answer] of Object.entries(apis)) {
  inboundContract({
    name: `http2, ${name}`,
    async start(lanes, handle) {
      const server = http2Lane(http2.createServer(), lanes);
      answer(server, handle);
      const port = await listen(server);
      return client(http2.connect(`http://127.0.0.1:${port}`), server);
    },
  });
}

inboundContract({
  name: 'http2 over TLS with allowHTTP1, called over HTTP/2',
  async start(lanes, handle) {
    const { key, cert } = await selfSigned();
    const server = http2Lane(http2.createSecureServer({ key, cert, allowHTTP1: true }), lanes);
    answerRequests(server, handle);
    const port = await listen(server);
    return client(
      http2.connect(`https://localhost:${port}`, { ca: cert, host: '127.0.0.1' } as never),
      server,
    );
  },
});

inboundContract({
  name: 'http2 over TLS with allowHTTP1, called over HTTP/1',
  async start(lanes, handle) {
    const { key, cert } = await selfSigned();
    const server = http2Lane(http2.createSecureServer({ key, cert, allowHTTP1: true }), lanes);
    answerRequests(server, handle);
    const port = await listen(server);
    const agent = new https.Agent({ ca: cert, keepAlive: true, maxSockets: 1 });
    return {
      async send(headers, body = '', query = '') {
        const request = https.request({
          agent,
          host: '127.0.0.1',
          servername: 'localhost',
          port,
          path: `/?${query}`,
          method: 'POST',
          headers,
        });
        const [answer] = (await once(request.end(body), 'response')) as [
          NodeJS.ReadableStream & { statusCode?: number },
        ];
        return { ok: answer.statusCode === 200, body: await text(answer) };
      },
      async close() {
        agent.destroy();
        server.close();
        await once(server, 'close');
      },
    };
  },
});
