import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A process of the bench. It is spoken to over its IPC channel and ends when the channel closes, so that nothing is left
 * running however the runner ends.
 */
export class Child {
  #process;
  #name;
  #end;

  /** What the process says when it is ready. @type {Promise<any>} */
  hello;

  /**
   * @param {string} name what messages call it
   * @param {string} file beside this folder: `services/upstream.js`
   * @param {{ node: string, args?: string[], execArgv?: string[] }} options
   */
  constructor(name, file, { node, args = [], execArgv = [] }) {
    this.#name = name;
    this.#process = fork(fileURLToPath(new URL(`../${file}`, import.meta.url)), args, {
      execPath: node,
      execArgv,
    });
    this.#end = once(this.#process, 'exit');
    this.hello = this.#answer();
    // It is awaited later than it may fail.
    this.hello.catch(() => {});
  }

  /**
   * Sends a question and waits for its answer; one at a time.
   *
   * @param {object} question
   * @returns {Promise<any>}
   */
  ask(question) {
    const answer = this.#answer();
    this.#process.send(question);
    return answer;
  }

  /** Closes the channel and waits for the end of the process. */
  async stop() {
    if (this.#process.connected) this.#process.disconnect();
    await this.#end;
  }

  async #answer() {
    const abort = new AbortController();
    const died = this.#end.then(([code, signal]) => {
      throw new Error(
        `The process "${this.#name}" ended in the middle of the bench (${signal ?? `exit code ${code}`}). ` +
          'It printed the reason above; mend that and run the bench again.',
      );
    });
    try {
      const [answer] = await Promise.race([once(this.#process, 'message', { signal: abort.signal }), died]);
      if (answer.error) {
        throw new Error(
          `The process "${this.#name}" failed: ${answer.error}. ` +
            'Run the bench with --only and --variants to find out which service does it.',
        );
      }
      return answer;
    } finally {
      abort.abort();
    }
  }
}
