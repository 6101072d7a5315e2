import type { ServerResponse } from 'node:http';
import { inboundContract } from '@laneway/testing';
import { Agent, request } from 'undici';
import {
  decorate,
  decorateParameters,
  makeModule,
  type Nest,
  type Platform,
  startApplication,
} from './application.fixture.js';
import { LaneModule } from './index.js';

/** Runs the inbound contract with a version of NestJS. */
export function handlersContract(name: string, nest: Nest, platform: Platform): void {
  const { Body, Controller, Get, Headers, HttpCode, Post, Res } = nest.common;
  inboundContract({
    name: `${name} on ${platform}`,
    async start(lanes, handle, middleware = (next) => next()) {
      class Handler {
        handle(body: { text: string }, headers: object): Promise<string> {
          return Promise.resolve().then(() => handle(body.text, headers));
        }
      }
      Controller()(Handler);
      decorate(Handler, 'handle', Post(), HttpCode(200));
      decorateParameters(Handler, 'handle', Body(), Headers());
      const root = makeModule(nest, { imports: [LaneModule.forRoot({ lanes })], controllers: [Handler] });
      const application = await startApplication(nest, platform, root, {
        setUp: (app) =>
          app.use((_request: unknown, _response: unknown, next: () => void) => middleware(next)),
      });
      const dispatcher = new Agent({ connections: 1 });
      return {
        async send(headers, text = '', query = '') {
          const { statusCode, body } = await request(`${application.url}/?${query}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headers },
            body: JSON.stringify({ text }),
            dispatcher,
          });
          return { ok: statusCode === 200, body: await body.text() };
        },
        async close() {
          await dispatcher.close();
          await application.close();
        },
      };
    },
    async startStream(lanes, handle) {
      class Handler {
        open(answer: ServerResponse & { readonly raw?: ServerResponse; hijack?(): void }): void {
          answer.hijack?.();
          const response = answer.raw ?? answer;
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          handle({
            write: (piece) => void response.write(piece),
            onClose: (listener) => void response.on('close', listener),
          });
        }
      }
      Controller()(Handler);
      decorate(Handler, 'open', Get());
      decorateParameters(Handler, 'open', Res());
      const root = makeModule(nest, { imports: [LaneModule.forRoot({ lanes })], controllers: [Handler] });
      const { url, close } = await startApplication(nest, platform, root);
      return { port: Number(new URL(url).port), close };
    },
  });
}
