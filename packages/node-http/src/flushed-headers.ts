import type { ClientRequest } from 'node:http';

/** The header block of an `http.OutgoingMessage` that is written and waits for a connection. Internals of Node. */
interface HeaderBlock {
  _header: string | null;
  _headerSent: boolean;
  outputData: { data: unknown }[];
  outputSize: number;
  _implicitHeader(): void;
}

/**
 * Changes headers of a request whose header block is already written: with `Expect: 100-continue` Node writes it before the agent receives
 * the request. The block is removed and written again.
 *
 * It uses internals of Node. If they have changed, the headers stay the same.
 */
export function replaceFlushedHeaders(request: ClientRequest, setHeaders: () => void): void {
  const block = request as unknown as HeaderBlock;
  const waits = block.outputData?.length === 1 && block.outputData[0]?.data === block._header;
  if (!waits || typeof block._implicitHeader !== 'function') return;
  block.outputData.length = 0;
  block.outputSize = 0;
  block._headerSent = false;
  block._header = null;
  setHeaders();
  block._implicitHeader();
}
