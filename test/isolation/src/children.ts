import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const REMEMBERED = 2000;

/** A child process. It ends when its IPC channel closes, so that no process is left when the program ends. */
export class Child<In> {
  readonly #process: ChildProcess;
  readonly #end: Promise<never>;
  #said = '';

  /** @param file a file in this folder, such as `upstream-process.mjs` */
  constructor(file: string, args: readonly string[]) {
    const path = fileURLToPath(new URL(file, import.meta.url));
    this.#process = fork(path, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const { stderr } = this.#process as { stderr: NodeJS.ReadableStream };
    stderr.on('data', (chunk) => {
      this.#said = `${this.#said}${String(chunk)}`.slice(-REMEMBERED);
    });
    this.#end = Promise.all([once(this.#process, 'exit'), once(stderr, 'end')]).then(([[code, signal]]) => {
      throw new Error(`its process ended (${signal ?? `exit code ${code}`})${this.#reason()}`);
    });
    // Without a receiver, a rejection must not end the program.
    this.#end.catch(() => {});
  }

  /** Sends a message. If the process has ended, {@link receive} reports it. */
  send(message: object): void {
    this.#process.send(message, () => {});
  }

  /** Resolves with the first result of `pick` that is not undefined. @throws {Error} when the process ends before that */
  async receive<T>(pick: (message: In) => T | undefined): Promise<T> {
    let listener = (_message: unknown): void => {};
    const found = new Promise<T>((resolve) => {
      listener = (message) => {
        const picked = pick(message as In);
        if (picked !== undefined) resolve(picked);
      };
    });
    this.#process.on('message', listener);
    try {
      return await Promise.race([found, this.#end]);
    } finally {
      this.#process.off('message', listener);
    }
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect();
    await this.#end.catch(() => {});
  }

  #reason(): string {
    const line = this.#said.split('\n').find((text) => /error/i.test(text));
    return line === undefined ? '' : `: ${line.trim()}`;
  }
}
