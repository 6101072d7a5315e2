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

/** The parts of NestJS's HTTP adapter that Laneway uses. */
interface HttpAdapter {
  getHttpServer(): unknown;
  getInstance(): unknown;
  use(middleware: (request: IncomingMessage, response: ServerResponse, next: () => void) => void): unknown;
}

type FastifyHook = (request: object, reply: object, done: () => void) => void;

/** The parts of a fastify instance that Laneway uses. */
interface FastifyInstance {
  addHook(name: 'onRequest', hook: FastifyHook): unknown;
}

/**
 * Module that runs each request in its lane: middleware, guards, interceptors, pipes, handlers, exception filters and everything that they
 * start. Import it once, in the root module. Its provider `LANES` is global.
 */
export class LaneModule {
  readonly #lanes: Lanes;

  /** Called by NestJS. */
  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  /**
   * Returns the module with the given lanes.
   *
   * @param options @default the lanes of the process, from `LANEWAY_*`
   * @throws {LanewayAdapterError} when `options.lanes` is not what `defineLanes` returns, or when NestJS is not loaded
   * @example
   * @Module({ imports: [LaneModule.forRoot({ lanes })] })
   * export class AppModule {}
   */
  static forRoot(options: LaneModuleOptions = {}): DynamicModule {
    return defineModule({ provide: LANES, useValue: lanesFor('LaneModule.forRoot', options.lanes) });
  }

  /**
   * Returns the module with lanes that a factory creates from other providers. The application does not start when the factory returns
   * something that is not lanes.
   *
   * @throws {LanewayAdapterError} when NestJS is not loaded
   * @example
   * LaneModule.forRootAsync({
   *   inject: [ConfigService],
   *   useFactory: (config: ConfigService) => ({ lanes: defineLanes(config.getOrThrow('lanes')) }),
   * });
   */
  static forRootAsync({ imports, inject, useFactory }: LaneModuleAsyncOptions): DynamicModule {
    const createLanes = async (...injected: never[]): Promise<Lanes> =>
      lanesFor('LaneModule.forRootAsync', (await useFactory(...injected)).lanes);
    const provider = { provide: LANES, inject: inject ?? [], useFactory: createLanes };
    return { ...defineModule(provider), imports: imports ?? [] };
  }

  /**
   * Called by NestJS when the application starts.
   *
   * @throws {LanewayAdapterError} when NestJS passes no HTTP adapter
   */
  configure(consumer: MiddlewareConsumer): void {
    const adapter = adapterOf(consumer);
    // On the server, not on a route: a route would depend on prefixes, versions and path syntax, and run after body parsers.
    const server = adapter.getHttpServer();
    if (server instanceof EventEmitter) nodeHttpLane(server as Server, this.#lanes);
    const instance = adapter.getInstance();
    if (isFastify(instance)) enterFastify(instance);
    // Some requests do not arrive through that server: `inject`, an instance that servers share, the second address of `localhost`.
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
  // It must run before the hook that runs the middleware of NestJS.
  moveHookFirst(instance, enter);
  enterMiddleware(instance);
}

/** Checks the shape, not the class: an application may have another copy of fastify. */
function isFastify(instance: unknown): instance is FastifyInstance {
  return typeof (instance as Partial<FastifyInstance> | null)?.addHook === 'function';
}

type Provider = NonNullable<DynamicModule['providers']>[number];

function defineModule(provider: Provider): DynamicModule {
  // Defines the metadata that a decorator would, because importing NestJS could load a copy that is not the application's.
  const { defineMetadata } = Reflect as {
    defineMetadata?: (key: string, value: unknown, on: object) => void;
  };
  if (defineMetadata === undefined)
    throw new LanewayAdapterError(
      'LaneModule needs Reflect.defineMetadata, which NestJS defines, but NestJS is not loaded. Import @nestjs/common or ' +
        'reflect-metadata first.',
    );
  defineMetadata('design:paramtypes', [LANES], LaneModule);
  return { module: LaneModule, global: true, providers: [provider], exports: [LANES] };
}

/** Returns the HTTP adapter of the application. `getHttpAdapter` is missing in the type of the consumer. */
function adapterOf(consumer: MiddlewareConsumer): HttpAdapter {
  const adapter = (consumer as { getHttpAdapter?: () => HttpAdapter }).getHttpAdapter?.();
  if (adapter === undefined)
    throw new LanewayAdapterError(
      'LaneModule.configure received a MiddlewareConsumer without getHttpAdapter(), not one of NestJS 10 to 12. Install a ' +
        'supported version of NestJS.',
    );
  return adapter;
}
