import type { Lanes } from '@laneway/core';
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';

/**
 * The injection token of the lanes.
 *
 * @example
 * constructor(@Inject(LANES) private readonly lanes: Lanes) {}
 */
// `Symbol.for`, because an application may load this package twice, as ESM and as CommonJS.
export const LANES: unique symbol = Symbol.for('laneway.lanes');

/** Options of `LaneModule.forRoot`. */
export interface LaneModuleOptions {
  /** @default the lanes of the process, from `LANEWAY_*` */
  readonly lanes?: Lanes;
}

/** Options of `LaneModule.forRootAsync`. */
export interface LaneModuleAsyncOptions {
  /** Modules that export the injected providers. @default [] */
  readonly imports?: NonNullable<ModuleMetadata['imports']>;
  /** Tokens of the arguments of `useFactory`. @default [] */
  readonly inject?: NonNullable<FactoryProvider['inject']>;
  /** Returns the options, or a promise of them. */
  // The type `never` accepts any parameters, because `inject` decides the arguments.
  readonly useFactory: (...injected: never[]) => LaneModuleOptions | Promise<LaneModuleOptions>;
}
