import { AsyncLocalStorage } from 'node:async_hooks';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { expressLane } from '@laneway/express';
import express from 'express';

/**
 * Returns functions that pass a request through an express app without a network, by the way in which the app keeps the lane.
 *
 * @param {import('@laneway/core').Lanes} lanes
 * @param {Record<string, string>} headers
 * @returns {Record<string, () => Promise<void>>}
 */
export function inboundCalls(lanes, headers) {
  const storage = new AsyncLocalStorage();
  const inRun = (request, _response, next) => storage.run(request.headers.baggage, next);
  const apps = { 'by hand': serve(), 'by hand in run': serve(inRun), Laneway: serve(expressLane(lanes)) };
  return Object.fromEntries(
    Object.entries(apps).map(([way, app]) => [way, () => passRequest(app, Object.entries(headers).flat())]),
  );
}

function serve(...middlewares) {
  const app = express();
  for (const middleware of middlewares) app.use(middleware);
  app.get('/hello', async (_request, response) => {
    // As a call of another service does.
    await Promise.resolve();
    response.end('Hello');
  });
  return app;
}

/** A socket that discards what is written to it. */
class NullSocket extends Duplex {
  _read() {}
  _write(_chunk, _encoding, done) {
    done();
  }
}

const socket = new NullSocket();

function passRequest(app, rawHeaders) {
  const request = new IncomingMessage(socket);
  Object.assign(request, { method: 'GET', url: '/hello', httpVersion: '1.1', complete: true });
  Object.assign(request, { httpVersionMajor: 1, httpVersionMinor: 1, rawHeaders });
  for (let i = 0; i < rawHeaders.length; i += 2) request.headers[rawHeaders[i]] = rawHeaders[i + 1];
  request.push(null);
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  return new Promise((resolve) => {
    response.on('finish', () => {
      response.detachSocket(socket);
      resolve();
    });
    app(request, response);
  });
}
