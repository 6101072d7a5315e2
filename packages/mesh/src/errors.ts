import { LanewayError } from '@laneway/core';

/** What kind of failure a `MeshError` is. */
export type MeshErrorCode =
  | 'MESH_FILE_UNREADABLE'
  | 'MESH_CONFIG_INVALID'
  | 'MESH_PORT_IN_USE'
  | 'MESH_LISTEN_FAILED'
  | 'MESH_WORKLOAD_ENDED'
  | 'MESH_WORKLOAD_TIMEOUT';

/**
 * Why the mesh did not start. The message says what happened, why, and ends with the remedy, so it can be shown as it is.
 *
 * @example
 * try {
 *   await startMesh(loadMesh('mesh.yaml'));
 * } catch (error) {
 *   if (error instanceof MeshError && error.code === 'MESH_PORT_IN_USE') console.error(error.message);
 *   else throw error;
 * }
 */
export class MeshError extends LanewayError<MeshErrorCode> {}
