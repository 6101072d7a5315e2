// NestJS without a compiler: its decorators are called as the functions that they are.
import { LaneModule } from '@laneway/nestjs';
import { Controller, Get, Headers, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

/** A controller with one route, whose answer `answer` makes of the request's headers. */
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

async function serve(adapter, metadata) {
  function App() {}
  Module(metadata)(App);
  const app = await NestFactory.create(App, adapter, { logger: ['error', 'warn'] });
  await app.init();
  await adapter.getInstance().ready?.();
  return app.getHttpServer();
}

export const serveByHand = (adapter, call) =>
  serve(adapter, { controllers: [makeController((headers) => call(headers))] });

export const serveWithLaneway = (adapter, call, lanes) =>
  serve(adapter, { imports: [LaneModule.forRoot({ lanes })], controllers: [makeController(() => call())] });
