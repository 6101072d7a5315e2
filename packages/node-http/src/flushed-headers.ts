import type { ClientRequest } from 'node:http';

/** What `http.OutgoingMessage` keeps of a header block that is written and waits for a connection. Internals of Node. */
interface HeaderBlock {
  _header: string | null;
  _headerSent: boolean;
  outputData: { data: unknown }[];
  outputSize: number;
  _implicitHeader(): void;
}

/**
 * Changes headers of a request whose header block is written already: with `Expect: 100-continue` Node writes it before the request
 * has a connection, and before an agent sees it. The block is taken back and written again.
 *
 * The one place that knows internals of Node; where they are not what they were, the headers stay as they are.
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
