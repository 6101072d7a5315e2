import { createServer } from 'node:http';
import { nodeHttpLane } from '@laneway/node-http';

export const byHand = (call) =>
  createServer((request, response) => void call(request.headers).then((text) => response.end(text)));

export const laneway = (call, lanes) =>
  nodeHttpLane(
    createServer((_request, response) => void call().then((text) => response.end(text))),
    lanes,
  );
