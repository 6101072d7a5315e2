import { LanewayError } from '@laneway/core';

/** The code of a `MeshError`. */
export type MeshErrorCode =
  | 'MESH_FILE_UNREADABLE'
  | 'MESH_CONFIG_INVALID'
  | 'MESH_PORT_IN_USE'
  | 'MESH_LISTEN_FAILED'
  | 'MESH_WORKLOAD_ENDED'
  | 'MESH_WORKLOAD_TIMEOUT';

/**
 * Thrown when the mesh does not start. The message says what happened, why, and what to do, so you can show it to users.
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
