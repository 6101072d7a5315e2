/** A problem of a mesh file: its path, what is wrong, and the remedy. */
export interface MeshProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const MESH_VARIABLES: ReadonlySet<string> = new Set(['PORT', 'SERVICE', 'VERSION']);

/** Returns the name of the variable with a service's address, such as `HELLOWORLD_URL`. */
export function urlVariable(service: string): string {
  return `${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`;
}

/**
 * Checks the references between the parts of a mesh file. It accepts an invalid file too, so that the user sees these problems
 * together with those of the schema.
 */
export function checkReferences(mesh: unknown): readonly MeshProblem[] {
  const services = child(mesh, 'services');
  const names = keys(services);
  if (names.length === 0) return [];
  return [
    ...checkGateway(child(child(mesh, 'gateway'), 'service'), names),
    ...names.flatMap((name) =>
      checkBaseline(child(mesh, 'baseline'), name, child(child(services, name), 'versions')),
    ),
    ...names.flatMap((name) => checkEnvironment(name, child(child(services, name), 'versions'))),
    ...checkVariables(names),
  ];
}

function checkGateway(service: unknown, names: readonly string[]): readonly MeshProblem[] {
  if (typeof service !== 'string' || names.includes(service)) return [];
  const message = `names \`${service}\`, which is not a service of this file. Write one of: ${names.join(', ')}.`;
  return [{ path: ['gateway', 'service'], message }];
}

function checkBaseline(baseline: unknown, service: string, versions: unknown): readonly MeshProblem[] {
  if (typeof baseline !== 'string' || !isMap(versions) || Object.hasOwn(versions, baseline)) return [];
  const message = `has no version \`${baseline}\`, the baseline, which serves requests without a lane. Add that version, or set \`baseline\` to a version that every service has.`;
  return [{ path: ['services', service, 'versions'], message }];
}

function checkEnvironment(service: string, versions: unknown): readonly MeshProblem[] {
  return keys(versions).flatMap((version) =>
    keys(child(child(versions, version), 'env'))
      .filter((name) => MESH_VARIABLES.has(name))
      .map((name) => ({
        path: ['services', service, 'versions', version, 'env', name],
        message: 'is a variable that the mesh sets. Remove it.',
      })),
  );
}

function checkVariables(names: readonly string[]): readonly MeshProblem[] {
  const owners = new Map<string, string>();
  return names.flatMap((name) => {
    const variable = urlVariable(name);
    const owner = owners.get(variable);
    owners.set(variable, name);
    if (owner === undefined) return [];
    const message = `and \`${owner}\` would both set the variable ${variable}. Rename one of them.`;
    return [{ path: ['services', name], message }];
  });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function child(value: unknown, key: string): unknown {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function keys(value: unknown): readonly string[] {
  return isMap(value) ? Object.keys(value) : [];
}
