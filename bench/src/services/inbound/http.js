import { createServer } from 'node:http';
import { nodeHttpLane } from '@laneway/node-http';

const answer = (response, called) => void called.then((text) => response.end(text));

export const byHand = (call) => createServer((request, response) => answer(response, call(request.headers)));

export const inRun = (call, run) =>
  createServer((request, response) => run(request.headers, () => answer(response, call())));

export const laneway = (call, lanes) =>
  nodeHttpLane(
    createServer((_request, response) => answer(response, call())),
    lanes,
  );
