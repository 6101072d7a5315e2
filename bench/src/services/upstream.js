// What every service under test calls. Minimal, so that it leaves the processor to them.
import { createServer } from 'node:http';

/** The `baggage` headers of each request while the runner checks what arrives, else nothing. */
let seen;

const server = createServer((request, response) => {
  seen?.push(request.headersDistinct.baggage ?? []);
  response.end('Hello version: v2, instance: helloworld-v2-7b94944d69-wcckk');
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));

process.on('message', ({ record }) => {
  process.send({ seen });
  seen = record ? [] : undefined;
});
process.on('disconnect', () => process.exit());
