import { findRuntime, runningNode as runningRuntime } from '../../../test/support/runtimes/runtimes.js';

/**
 * A Node to measure on.
 *
 * @typedef {object} MeasuredNode
 * @property {string} path
 * @property {string} version without the `v`
 * @property {boolean} freeContext whether asynchronous context is nearly free, as in Node 24 and later (AsyncContextFrame)
 */

/** @returns {MeasuredNode} the running Node */
export function runningNode() {
  return measured(runningRuntime());
}

/**
 * Finds Node 24: the running Node if it is at least that new, otherwise one that is installed when it is first used.
 *
 * @param {(line: string) => void} progress
 * @returns {MeasuredNode | undefined} `undefined` if there is none for this system
 */
export function findNode24(progress) {
  const running = runningNode();
  if (running.freeContext) return running;
  try {
    return measured(findRuntime('node24', progress));
  } catch (error) {
    progress(
      `${error.message}, so the bench uses ${running.version}. To measure on Node 24, run the bench with it`,
    );
    return undefined;
  }
}

function measured({ path, version }) {
  return { path, version, freeContext: Number(version.split('.')[0]) >= 24 };
}
