// An HTTP service. It answers with the versions of all services that took part: its own, and those that it called.
import { createServer } from 'node:http';
import { nodeHttpLane } from '@laneway/node-http';
import { lanes } from './lanes.js';
import { takeTour } from './take-tour.js';

const server = nodeHttpLane(createServer(), lanes);

server.on('request', (_request, response) => void answer(response));

async function answer(response) {
  const tour = await takeTour();
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(tour));
}

server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(`running as ${process.pid}`));
