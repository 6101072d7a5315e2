import { createServer } from 'node:http2';
import { http2Lane } from '@laneway/http2';

const answer = (response, called) => void called.then((text) => response.end(text));

export const byHand = (call) => createServer((request, response) => answer(response, call(request.headers)));

export const inRun = (call, run) =>
  createServer((request, response) => run(request.headers, () => answer(response, call())));

export const laneway = (call, lanes) =>
  http2Lane(
    createServer((_request, response) => answer(response, call())),
    lanes,
  );
