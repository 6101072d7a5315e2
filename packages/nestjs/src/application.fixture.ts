import type * as common from '@nestjs/common';
import type { INestApplication, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import type * as core from '@nestjs/core';
import type * as microservices from '@nestjs/microservices';
import type * as express from '@nestjs/platform-express';
import type * as fastify from '@nestjs/platform-fastify';

/** The packages of one version of NestJS, as the workspace of that version imports them. */
export interface Nest {
  readonly common: typeof common;
  readonly core: typeof core;
  readonly express: typeof express;
  readonly fastify: typeof fastify;
  readonly microservices: typeof microservices;
}

/** The HTTP platform of an application. */
export type Platform = 'express' | 'fastify';

/** Decorates a method. A function, because the decorators belong to the NestJS version under test. */
export function decorate(type: Type, name: string, ...decorators: readonly unknown[]): void {
  const prototype = type.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  for (const decorator of decorators as MethodDecorator[]) decorator(prototype, name, descriptor as never);
}

/** Decorates the parameters of a method, or of the constructor if `name` is undefined, in order. */
export function decorateParameters(
  type: Type,
  name: string | undefined,
  ...decorators: readonly unknown[]
): void {
  const target: object = name === undefined ? type : (type.prototype as object);
  for (const [index, decorator] of (decorators as ParameterDecorator[]).entries())
    decorator(target, name, index);
}

/** A running application. */
export interface Application {
  readonly app: INestApplication;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** The warnings that it logged. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/** Returns a module class with this metadata. */
export function makeModule(nest: Nest, parts: ModuleMetadata): Type {
  class Root {
    readonly parts: ModuleMetadata = parts;
  }
  nest.common.Module(parts)(Root);
  return Root;
}

/** Options for starting an application. */
export interface Start {
  /** Called before the application listens. */
  readonly setUp?: (app: INestApplication) => unknown;
  /** Options of fastify. */
  readonly fastify?: object;
}

/** Creates an application from a module and starts it on a free loopback port. */
export async function startApplication(
  nest: Nest,
  platform: Platform,
  module: Type,
  start: Start = {},
): Promise<Application> {
  const warnings: string[] = [];
  const silent = (): void => {};
  // NestJS 10 warns when it takes long to create a module's key, which happens on a busy machine.
  const warn = (message: unknown): void => {
    if (!/ms to serialize/.test(String(message))) warnings.push(String(message));
  };
  const logger: LoggerService = { log: silent, error: silent, warn };
  const adapter =
    platform === 'express'
      ? new nest.express.ExpressAdapter()
      : new nest.fastify.FastifyAdapter(start.fastify ?? {});
  const options = { logger, abortOnError: false };
  const app = await nest.core.NestFactory.create(module, adapter as core.AbstractHttpAdapter, options);
  // The default limit is smaller than the largest body of the inbound contract.
  if (platform === 'express') (app as express.NestExpressApplication).useBodyParser('json', { limit: '2mb' });
  await start.setUp?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return { app, warnings, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}
