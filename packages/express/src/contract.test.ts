import { createServer } from 'node:http';
import { close, inboundContract, listen } from '@laneway/testing';
import express from 'express';
import express4 from 'express-4';
import express4Lowest from 'express-4-lowest';
import { inboundClient } from '../../../test/support/inbound-client.js';
import { expressLane } from './index.js';

const versions = { 'express 5': express, 'express 4': express4, 'express 4, lowest': express4Lowest };

for (const [name, framework] of Object.entries(versions)) {
  inboundContract({
    name,
    async start(lanes, handle, middleware = (next) => next()) {
      const app = framework();
      app.use(expressLane(lanes));
      app.use((_request, _response, next) => middleware(next));
      app.use(framework.text({ limit: '1mb', type: '*/*' }));
      app.post('/', (request, response, next) => {
        Promise.resolve()
          .then(() =>
            handle(
              typeof request.body === 'string' ? request.body : '',
              request.headers,
              request.originalUrl + JSON.stringify(request.query),
            ),
          )
          .then((body) => response.send(body), next);
      });
      app.use(((_error, _request, response, _next) => {
        response.status(500).send('failed');
      }) as express.ErrorRequestHandler);
      const server = createServer(app);
      return inboundClient(`http://127.0.0.1:${await listen(server)}/`, () => close(server));
    },
    async startStream(lanes, handle) {
      const app = framework();
      app.use(expressLane(lanes));
      app.get('/', (_request, response) => {
        response.setHeader('content-type', 'text/event-stream');
        handle({
          write: (piece) => void response.write(piece),
          onClose: (listener) => void response.on('close', listener),
        });
      });
      const server = createServer(app);
      return { port: await listen(server), close: () => close(server) };
    },
  });
}
