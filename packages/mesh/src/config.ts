/** What the mesh does when a service has no workload in a lane: use the baseline, or answer 503. */
export type MeshMode = 'permissive' | 'strict';

/** What carries the lane between services: a member of the `baggage` header, or a header. */
export type LaneCarry = { readonly baggage: string } | { readonly header: string };

/** One ingress rule: the gateway sets a lane on requests with this header. */
export interface LaneRule {
  /** The header's name, in lower case. */
  readonly header: string;
  /** The exact value to match. @default any value */
  readonly value?: string | undefined;
  /** The lane to set. @default the header's value */
  readonly lane?: string | undefined;
}

/** How to start one version of a service. */
export interface VersionConfig {
  /** The command. The shell runs it in the YAML file's folder. */
  readonly run: string;
  /** Environment variables, in addition to those that the mesh sets. */
  readonly env: Readonly<Record<string, string>>;
}

/** One service: its local address and its versions. */
export interface ServiceConfig {
  /** The port that other services call; 0 picks a free port. */
  readonly port: number;
  readonly versions: Readonly<Record<string, VersionConfig>>;
}

/** The content of a mesh file, with every default filled in. */
export interface MeshSettings {
  readonly mode: MeshMode;
  /** The version that serves requests without a lane. */
  readonly baseline: string;
  readonly lane: LaneCarry;
  readonly gateway: { readonly port: number; readonly service: string; readonly rules: readonly LaneRule[] };
  readonly services: Readonly<Record<string, ServiceConfig>>;
}

/** A validated mesh file. */
export interface MeshConfig extends MeshSettings {
  /** The absolute path of the file. */
  readonly file: string;
}
