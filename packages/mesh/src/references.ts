/** A problem of a mesh file: where it is and what is wrong, with the remedy. */
export interface MeshProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

const OWN_VARIABLES: ReadonlySet<string> = new Set(['PORT', 'SERVICE', 'VERSION']);

/** The variable in which a workload finds a service's address: `HELLOWORLD_URL`. */
export function urlVariable(service: string): string {
  return `${service.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_URL`;
}

/**
 * Checks that the parts of a mesh file name each other rightly. It takes the file as it was read, right or wrong, so that
 * its findings and the schema's appear together.
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
  const message = `names \`${service}\`, which is no service here. Write one of: ${names.join(', ')}.`;
  return [{ path: ['gateway', 'service'], message }];
}

function checkBaseline(baseline: unknown, service: string, versions: unknown): readonly MeshProblem[] {
  if (typeof baseline !== 'string' || !isMap(versions) || Object.hasOwn(versions, baseline)) return [];
  const message = `has no \`${baseline}\`, the baseline, which serves requests without a lane. Add that version, or name one that every service has in \`baseline\`.`;
  return [{ path: ['services', service, 'versions'], message }];
}

function checkEnvironment(service: string, versions: unknown): readonly MeshProblem[] {
  return keys(versions).flatMap((version) =>
    keys(child(child(versions, version), 'env'))
      .filter((name) => OWN_VARIABLES.has(name))
      .map((name) => ({
        path: ['services', service, 'versions', version, 'env', name],
        message: 'is set by the mesh itself. Remove it.',
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
    const message = `and \`${owner}\` would both be announced to workloads as ${variable}. Rename one of them.`;
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
