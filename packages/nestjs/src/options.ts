import type { Lanes } from '@laneway/core';
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';

/**
 * The injection token of the lanes.
 *
 * @example
 * constructor(@Inject(LANES) private readonly lanes: Lanes) {}
 */
// Registered: an application may load this package twice, as ESM and as CommonJS.
export const LANES: unique symbol = Symbol.for('laneway.lanes');

/** Options of `LaneModule.forRoot`. */
export interface LaneModuleOptions {
  /** @default the lanes of the process, from `LANEWAY_*` */
  readonly lanes?: Lanes;
}

/** Options of `LaneModule.forRootAsync`. */
export interface LaneModuleAsyncOptions {
  /** Modules that export what is injected. @default [] */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  /** Tokens of what `useFactory` is called with. @default [] */
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  // `never` takes any function: `inject` decides what it is called with.
  readonly useFactory: (...injected: never[]) => LaneModuleOptions | Promise<LaneModuleOptions>;
}
