import type { ClientRequest } from 'node:http';

/** The header block of an `http.OutgoingMessage` that is written and waits for a connection. Internals of Node. */
interface HeaderBlock {
  _header: string | null;
  _headerSent: boolean;
  outputData: { data: unknown; callback?: unknown }[];
  outputSize: number;
  _implicitHeader(): void;
}

/**
 * Changes headers of a request whose header block is already written: with `Expect: 100-continue` Node writes it before the agent receives
 * the request, and `http.get` has ended its request. The block is removed and written again.
 *
 * It uses internals of Node. If they have changed, the headers stay the same.
 */
export function replaceFlushedHeaders(request: ClientRequest, setHeaders: () => void): void {
  const block = request as unknown as HeaderBlock;
  const written = block.outputData?.[0];
  const waits = block.outputData?.length === 1 && written?.data === block._header;
  if (!waits || typeof block._implicitHeader !== 'function') return;
  block.outputData.length = 0;
  block.outputSize = 0;
  block._headerSent = false;
  block._header = null;
  setHeaders();
  block._implicitHeader();
  const header: unknown = block._header;
  if (block.outputData.length > 0 || typeof header !== 'string') return;
  // Without `Expect`, Node writes the block with what follows it. That was the end of the request, and its callback.
  block.outputData.push({ ...written, data: header });
  block.outputSize = header.length;
  block._headerSent = true;
}
