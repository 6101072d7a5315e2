export type {
  LaneCarry,
  LaneRule,
  MeshConfig,
  MeshMode,
  MeshSettings,
  ServiceConfig,
  VersionConfig,
} from './config.js';
export { MeshError, type MeshErrorCode } from './errors.js';
export type { MeshServe } from './hop.js';
export { loadMesh } from './load.js';
export { startMesh, type Mesh, type MeshOptions } from './mesh.js';
export { createPrinter, type MeshPrinter, type PrinterOptions } from './printer.js';
export type { MeshLog } from './workload.js';
