// The upstream of every service under test. It is minimal, to leave the CPU to the services.
import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';

/** The `baggage` headers of each request, only while the runner checks what arrives. */
let seen;

const answer = (response) => response.end('Hello version: v2, instance: helloworld-v2-7b94944d69-wcckk');

const server = createServer((request, response) => {
  seen?.push(request.headersDistinct.baggage ?? []);
  answer(response);
});
server.keepAliveTimeout = 120_000;
const http2Server = createHttp2Server((request, response) => {
  seen?.push([request.headers.baggage].filter(Boolean));
  answer(response);
});
server.listen(0, '127.0.0.1', () => {
  http2Server.listen(0, '127.0.0.1', () => {
    process.send({ port: server.address().port, http2Port: http2Server.address().port });
  });
});

process.on('message', ({ record }) => {
  process.send({ seen });
  seen = record ? [] : undefined;
});
process.on('disconnect', () => process.exit());
