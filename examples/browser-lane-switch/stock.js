// The last service of both chains. It makes no calls, so it does not need Laneway.
import { createServer } from 'node:http';

const { PORT, SERVICE, VERSION } = process.env;

createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ service: SERVICE, version: VERSION }));
}).listen(Number(PORT), '127.0.0.1', () => console.log(`running as ${process.pid}`));
