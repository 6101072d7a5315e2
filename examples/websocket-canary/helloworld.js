// The last service of the chain. It makes no calls, so it does not need Laneway.
import { createServer } from 'node:http';

const { PORT, VERSION } = process.env;

createServer((request, response) => {
  if (request.url !== '/hello') response.writeHead(404).end();
  else response.end(`Hello version: ${VERSION}, instance: helloworld-${VERSION}-${process.pid}`);
}).listen(Number(PORT), '127.0.0.1', () => console.log(`running as ${process.pid}`));
