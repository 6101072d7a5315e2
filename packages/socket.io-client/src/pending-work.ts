/** One emit that waits for its acknowledgement, or one event that waits for our reply. */
export interface PendingEntry {
  /** Whether socket.io has sent it, and will not send it again. A lost connection ends the wait. */
  isSent: boolean;
  /** Whether socket.io sends it again until it is answered (its option `retries`). */
  readonly isRetried: boolean;
}

/** What a connection still waits for. A connection with pending work is not idle. */
export class PendingWork {
  readonly #entries = new Set<PendingEntry>();
  readonly #settled: () => void;

  /** @param settled is called after each entry that is settled */
  constructor(settled: () => void) {
    this.#settled = settled;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(entry: PendingEntry): PendingEntry {
    this.#entries.add(entry);
    return entry;
  }

  settle(entry: PendingEntry): void {
    if (this.#entries.delete(entry)) this.#settled();
  }

  /** Notes that socket.io sends what was emitted while it was not connected. */
  markSent(): void {
    for (const entry of this.#entries) entry.isSent = true;
  }

  /** Ends the waits that a lost connection ends: socket.io may never call their callbacks. */
  endSent(): void {
    for (const entry of this.#entries) if (entry.isSent && !entry.isRetried) this.#entries.delete(entry);
    this.#settled();
  }
}
