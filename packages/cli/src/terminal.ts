/** Where a command writes, and how it is told to stop. */
export interface Terminal {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  readonly err: { write(text: string): unknown };
  /** Aborts when the user wants the command to end. */
  readonly signal: AbortSignal;
}
