import { LanewayAdapterError } from '@laneway/core';
import { contractLanes } from '@laneway/testing';
import { expect, test } from 'vitest';
import { LaneModule } from './index.js';

// The tests in applications are in test/nestjs-*, one workspace for each version. This file loads no copy of NestJS.

test('throws when it is used before NestJS is loaded', () => {
  expect(() => LaneModule.forRoot()).toThrow(LanewayAdapterError);
  expect(() => LaneModule.forRoot()).toThrow(
    'LaneModule needs Reflect.defineMetadata, which NestJS defines, but NestJS is not loaded. Import @nestjs/common or ' +
      'reflect-metadata first.',
  );
});

test('throws when NestJS passes no HTTP adapter', () => {
  const consumer = { apply: () => consumer } as never;
  const configure = (): void => new LaneModule(contractLanes()).configure(consumer);
  expect(configure).toThrow(LanewayAdapterError);
  expect(configure).toThrow(
    'LaneModule.configure received a MiddlewareConsumer without getHttpAdapter(), not one of NestJS 10 to 12. Install a ' +
      'supported version of NestJS.',
  );
});
