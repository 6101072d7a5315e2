/** Where a command writes, and the signal that stops it. */
export interface Terminal {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  readonly err: { write(text: string): unknown };
  /** Aborts when the user wants the command to end. */
  readonly signal: AbortSignal;
}
