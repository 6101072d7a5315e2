import { createPrinter } from '@laneway/mesh';

/** Remembers which workload served what, as the mesh tells it. */
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

  /** The calls of one service. */
  calls(service) {
    return this.#serves.filter(({ via }) => via === service);
  }

  /** What the mesh prints: the line of the handshake and the one of the call that it caused. */
  lines() {
    const handshake = this.#serves.find(({ via }) => via === 'gateway');
    const call = this.#serves.find(({ via, lane }) => via !== 'gateway' && lane === handshake?.lane);
    return [handshake, call].filter(Boolean).map((serve) => {
      this.#printer.onServe(serve);
      return this.#line;
    });
  }
}
