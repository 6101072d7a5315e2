import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** A package of this repository, packed by `npm pack`. */
export interface PackedPackage {
  readonly name: string;
  readonly tarball: string;
}

/** A folder with the tarballs of all public packages. `remove` deletes it. */
export interface PackedPackages {
  readonly folder: string;
  readonly packages: readonly PackedPackage[];
  remove(): Promise<void>;
}

/** Packs every public package. The folder is inside the repository, so that Node finds third-party packages. */
export async function packAll(): Promise<PackedPackages> {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'laneway-packed-'));
  const folders = await readdir(join(root, 'packages'));
  const workspaces = folders.map((name) => `--workspace=packages/${name}`);
  const { stdout } = await run('npm', ['pack', '--json', `--pack-destination=${folder}`, ...workspaces], {
    cwd: root,
  });
  // npm 11 prints an array of packages, npm 12 an object by name.
  const packed = Object.values(JSON.parse(stdout) as Record<string, { name: string; filename: string }>);
  return {
    folder,
    packages: packed.map(({ name, filename }) => ({ name, tarball: join(folder, filename) })),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Installs packed packages into a new project, with a separate copy of each. */
export async function install(packed: PackedPackages, project: string): Promise<string> {
  const folder = join(packed.folder, project);
  for (const { name, tarball } of packed.packages) {
    const target = join(folder, 'node_modules', name);
    await mkdir(target, { recursive: true });
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', target]);
  }
  return folder;
}

/** Reads the manifest of an installed package. */
export async function readManifest(project: string, name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(project, 'node_modules', name, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
}

/** Runs a command in the root folder and resolves with its output. If it fails, the error has the output. */
export async function runInRoot(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  try {
    const { stdout, stderr } = await run(command, args, { cwd: root, env });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed. Its output:\n${stdout}${stderr}`, { cause: error });
  }
}
