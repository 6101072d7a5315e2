import type { INestApplication, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AddressInfo } from 'node:net';

/** Starts an application of NestJS on a free port of loopback. `setUp` is called before it listens. Returns it with its port. */
export async function startNest(
  parts: Parameters<typeof Module>[0],
  setUp: (app: INestApplication) => unknown,
): Promise<{ app: INestApplication; port: number }> {
  class Root {
    readonly parts: unknown = parts;
  }
  Module(parts)(Root);
  const app = await NestFactory.create(Root as Type, { logger: false, abortOnError: false });
  await setUp(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, port };
}
