import { findRuntime, runningNode as runningRuntime } from '../../../test/support/runtimes/runtimes.js';

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
  return measured(runningRuntime());
}

/**
 * Finds a Node 24: the running one if it is as new, else one that is installed on first use.
 *
 * @param {(line: string) => void} progress
 * @returns {MeasuredNode | undefined} nothing when there is none for this system
 */
export function findNode24(progress) {
  const running = runningNode();
  if (running.freeContext) return running;
  try {
    return measured(findRuntime('node24', progress));
  } catch (error) {
    progress(
      `${error.message}; so this measures on ${running.version}. To measure on Node 24, run the bench with one`,
    );
    return undefined;
  }
}

function measured({ path, version }) {
  return { path, version, freeContext: Number(version.split('.')[0]) >= 24 };
}
