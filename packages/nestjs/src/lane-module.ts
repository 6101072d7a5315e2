import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import {
  enterExpressLayers,
  enterFastifyRoute,
  enterMiddleware,
  enterRequest,
  moveHookFirst,
  nodeHttpLane,
} from '@laneway/node-http';
import type { DynamicModule, MiddlewareConsumer } from '@nestjs/common';
import { LANES, type LaneModuleAsyncOptions, type LaneModuleOptions } from './options.js';

/** What is used of an http adapter of NestJS. */
interface HttpAdapter {
  getHttpServer(): unknown;
  getInstance(): unknown;
  use(middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): unknown;
}

type FastifyHook = (request: object, reply: object, done: () => void) => void;

/** What is used of fastify. */
interface FastifyInstance {
  addHook(name: 'onRequest', hook: FastifyHook): unknown;
}

/**
 * The module that runs each request in its lane: middleware, guards, interceptors, pipes, handlers, exception filters and what they
 * start. Import it once, in the root module; what it provides is global.
 */
export class LaneModule {
  readonly #lanes: Lanes;

  /** Called by NestJS. */
  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /**
   * @throws {LanewayAdapterError} when it is handed something that is no lanes
   * @example
   * @Module({ imports: [LaneModule.forRoot({ lanes })] })
   * export class AppModule {}
   */
  static forRoot(options: LaneModuleOptions = {}): DynamicModule {
    return defineModule({ provide: LANES, useValue: lanesFor('LaneModule.forRoot', options.lanes) });
  }

  /**
   * The same for lanes that are made of other providers.
   *
   * @example
   * LaneModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ lanes: defineLanes(config.getOrThrow('lanes')) }),
   * });
   */
  static forRootAsync({ imports, inject, useFactory }: LaneModuleAsyncOptions): DynamicModule {
    const makeLanes = async (...injected: never[]): Promise<Lanes> =>
      lanesFor('LaneModule.forRootAsync', (await useFactory(...injected)).lanes);
    const provider = { provide: LANES, inject: inject ?? [], useFactory: makeLanes };
    return { ...defineModule(provider), imports: imports ?? [] };
  }

  /** Called by NestJS when the application starts. */
  configure(consumer: MiddlewareConsumer): void {
    const adapter = adapterOf(consumer);
    // On the server, not on a route: it comes before all middleware and body parsers, and knows no prefix, version or path syntax.
    const server = adapter.getHttpServer();
    if (server instanceof EventEmitter) nodeHttpLane(server as Server, this.#lanes);
    const instance = adapter.getInstance();
    if (isFastify(instance)) enterFastify(instance);
    // What that server does not bring: `inject`, an instance that other servers share, the other address of `localhost`.
    adapter.use((request, response, next) => {
      enterExpressLayers(request);
      enterRequest(this.#lanes, request, response, () => next());
    });
  }
}

function enterFastify(instance: FastifyInstance): void {
  const enter: FastifyHook = (request, _reply, done) => {
    enterFastifyRoute(request);
    done();
  };
  instance.addHook('onRequest', enter);
  // Before the hook that runs the middleware of NestJS.
  moveHookFirst(instance, enter);
  enterMiddleware(instance);
}

/** By shape: every application brings a copy of its own. */
function isFastify(instance: unknown): instance is FastifyInstance {
  return typeof (instance as Partial<FastifyInstance> | null)?.addHook === 'function';
}

type Provider = NonNullable<DynamicModule['providers']>[number];

function defineModule(provider: Provider): DynamicModule {
  // What a decorator would write down, without loading a copy of NestJS that may not be the application's.
  const { defineMetadata } = Reflect as {
    defineMetadata?: (key: string, value: unknown, on: object) => void;
  };
  if (defineMetadata === undefined)
    throw new LanewayAdapterError(
      'LaneModule was used before NestJS was loaded. Import @nestjs/common, or reflect-metadata, before it.',
    );
  defineMetadata('design:paramtypes', [LANES], LaneModule);
  return { module: LaneModule, global: true, providers: [provider], exports: [LANES] };
}

/** The consumer has it, and its type does not say so. */
function adapterOf(consumer: MiddlewareConsumer): HttpAdapter {
  const adapter = (consumer as { getHttpAdapter?: () => HttpAdapter }).getHttpAdapter?.();
  if (adapter === undefined)
    throw new LanewayAdapterError(
      'LaneModule finds no http adapter in this version of NestJS. Use one that @laneway/nestjs supports.',
    );
  return adapter;
}
