import type * as common from '@nestjs/common';
import type { INestApplication, LoggerService, ModuleMetadata, Type } from '@nestjs/common';
import type * as core from '@nestjs/core';
import type * as microservices from '@nestjs/microservices';
import type * as express from '@nestjs/platform-express';
import type * as fastify from '@nestjs/platform-fastify';

/** A version of NestJS: its packages, each as it is imported by the workspace of that version. */
export interface Nest {
  readonly common: typeof common;
  readonly core: typeof core;
  readonly express: typeof express;
  readonly fastify: typeof fastify;
  readonly microservices: typeof microservices;
}

/** What an application runs on. */
export type Platform = 'express' | 'fastify';

/** Decorates a method; test runners emit no metadata for decorators, and every version of NestJS has its own. */
export function decorate(type: Type, name: string, ...decorators: readonly unknown[]): void {
  const prototype = type.prototype as object;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
  for (const decorator of decorators as MethodDecorator[]) decorator(prototype, name, descriptor as never);
}

/** Decorates the parameters of a method, or of the constructor, in order. */
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
  /** What it logged as a warning. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/** Makes a module. */
export function makeModule(nest: Nest, parts: ModuleMetadata): Type {
  class Root {
    readonly parts: ModuleMetadata = parts;
  }
  nest.common.Module(parts)(Root);
  return Root;
}

/** How an application is started. */
export interface Start {
  /** Called before it listens. */
  readonly setUp?: (app: INestApplication) => unknown;
  /** Options of fastify. */
  readonly fastify?: object;
}

/** Creates an application of a module, and starts it on a free port of loopback. */
export async function startApplication(
  nest: Nest,
  platform: Platform,
  module: Type,
  start: Start = {},
): Promise<Application> {
  const warnings: string[] = [];
  const silent = (): void => {};
  // NestJS 10 measures how long it takes to make a key of a module, which on a busy machine is long.
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
  // Its own limit is below the body of the contract.
  if (platform === 'express') (app as express.NestExpressApplication).useBodyParser('json', { limit: '2mb' });
  await start.setUp?.(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  return { app, warnings, url: `http://127.0.0.1:${port}`, close: () => app.close() };
}
