import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A child process of the bench. It answers over its IPC channel and ends when the channel closes, so that no process is left when the
 * runner ends.
 */
export class Child {
  #process;
  #name;
  #end;

  /** The first message of the process, when it is ready. @type {Promise<any>} */
  hello;

  /**
   * @param {string} name its name in messages
   * @param {string} file a path relative to `src`, such as `services/upstream.js`
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
    // It may reject before anybody awaits it.
    this.hello.catch(() => {});
  }

  /**
   * Sends a question and resolves with the answer. Ask one question at a time.
   *
   * @param {object} question
   * @returns {Promise<any>}
   */
  ask(question) {
    const answer = this.#answer();
    this.#process.send(question);
    return answer;
  }

  /** Closes the channel and waits until the process has ended. */
  async stop() {
    if (this.#process.connected) this.#process.disconnect();
    await this.#end;
  }

  async #answer() {
    const abort = new AbortController();
    const died = this.#end.then(([code, signal]) => {
      throw new Error(
        `The process "${this.#name}" ended in the middle of the bench (${signal ?? `exit code ${code}`}). ` +
          'It printed the reason above. Fix that and run the bench again.',
      );
    });
    try {
      const [answer] = await Promise.race([once(this.#process, 'message', { signal: abort.signal }), died]);
      if (answer.error) {
        throw new Error(
          `The process "${this.#name}" failed: ${answer.error}. ` +
            'Run the bench with --only and --variants to find the service that causes it.',
        );
      }
      return answer;
    } finally {
      abort.abort();
    }
  }
}
