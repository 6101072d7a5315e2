// NestJS without a compiler: calls its decorators as plain functions.
import { LaneModule } from '@laneway/nestjs';
import { Controller, Get, Headers, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** Creates a controller with one route. `answer` returns its answer for the request's headers. */
function makeController(answer) {
  class Hello {
    get(headers) {
      return answer(headers);
    }
  }
  Controller()(Hello);
  Get('hello')(Hello.prototype, 'get', Object.getOwnPropertyDescriptor(Hello.prototype, 'get'));
  Headers()(Hello.prototype, 'get', 0);
  return Hello;
}

async function serve(adapter, metadata, prepare) {
  function App() {}
  Module(metadata)(App);
  const app = await NestFactory.create(App, adapter, { logger: ['error', 'warn'] });
  prepare?.();
  await app.init();
  await adapter.getInstance().ready?.();
  return app.getHttpServer();
}

/**
 * Returns the three ways for an adapter of NestJS.
 *
 * @param {() => object} makeAdapter
 * @param {(instance: object, run: Function) => void} enter makes the underlying framework run each request in `run`
 */
export const waysOver = (makeAdapter, enter) => ({
  byHand: (call) => serve(makeAdapter(), { controllers: [makeController((headers) => call(headers))] }),
  inRun(call, run) {
    const adapter = makeAdapter();
    const controllers = [makeController(() => call())];
    return serve(adapter, { controllers }, () => enter(adapter.getInstance(), run));
  },
  laneway: (call, lanes) =>
    serve(makeAdapter(), {
      imports: [LaneModule.forRoot({ lanes })],
      controllers: [makeController(() => call())],
    }),
});
