import { LanewayAdapterError } from '@laneway/core';
import { contractLanes } from '@laneway/testing';
import { expect, test } from 'vitest';
import { LaneModule } from './index.js';

// What it does in applications is in test/nestjs-*, one workspace for each version. No copy of NestJS is loaded here.

test('says so when it is used before NestJS is loaded', () => {
  expect(() => LaneModule.forRoot()).toThrow(LanewayAdapterError);
  expect(() => LaneModule.forRoot()).toThrow(/Import @nestjs\/common, or reflect-metadata, before it\.$/);
});

test('says so when a version of NestJS hands it no http adapter', () => {
  const consumer = { apply: () => consumer } as never;
  expect(() => new LaneModule(contractLanes()).configure(consumer)).toThrow(LanewayAdapterError);
});
