import { createServer } from 'node:http2';
import { http2Lane } from '@laneway/http2';

export const byHand = (call) =>
  createServer((request, response) => void call(request.headers).then((text) => response.end(text)));

export const laneway = (call, lanes) =>
  http2Lane(
    createServer((_request, response) => void call().then((text) => response.end(text))),
    lanes,
  );
