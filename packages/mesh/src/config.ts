/** What happens to a lane in which a service has no workload. */
export type MeshMode = 'permissive' | 'strict';

/** How a lane travels between services: as a member of the `baggage` header, or as a header of its own. */
export type LaneCarry = { readonly baggage: string } | { readonly header: string };

/** One ingress rule: a request with this header is dyed with a lane. */
export interface LaneRule {
  /** The header to look at, in lower case. */
  readonly header: string;
  /** The value that matches, exactly. @default any value */
  readonly value?: string | undefined;
  /** The lane that a match gets. @default the header's value */
  readonly lane?: string | undefined;
}

/** How to start one version of a service. */
export interface VersionConfig {
  /** The command, run by the shell in the YAML file's folder. */
  readonly run: string;
  /** Environment variables beside the ones that the mesh sets. */
  readonly env: Readonly<Record<string, string>>;
}

/** One service: its local address and its versions. */
export interface ServiceConfig {
  /** The port that other services call it on; 0 picks a free one. */
  readonly port: number;
  readonly versions: Readonly<Record<string, VersionConfig>>;
}

/** What a mesh file says, every default filled in. */
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
  /** The file it was read from, as an absolute path. */
  readonly file: string;
}
