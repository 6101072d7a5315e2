import { createPrinter } from '@laneway/mesh';

/** Records which workload served each request, as reported by the mesh. */
export class Journeys {
  #serves = [];
  #printer;
  #line;

  constructor(config) {
    this.#printer = createPrinter(config, { stream: { write: (line) => (this.#line = line.trimEnd()) } });
  }

  add(serve) {
    this.#serves.push(serve);
  }

  clear() {
    this.#serves.length = 0;
  }

  /** Returns the calls to one service. */
  calls(service) {
    return this.#serves.filter(({ via }) => via === service);
  }

  /** Returns the mesh's output lines for a handshake and for the call that it caused. */
  lines() {
    const handshake = this.#serves.find(({ via }) => via === 'gateway');
    const call = this.#serves.find(({ via, lane }) => via !== 'gateway' && lane === handshake?.lane);
    return [handshake, call].filter(Boolean).map((serve) => {
      this.#printer.onServe(serve);
      return this.#line;
    });
  }
}
