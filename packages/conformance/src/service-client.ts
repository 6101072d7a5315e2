import { once } from 'node:events';
import { Agent, type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { HeaderLine } from './exchange.js';

/** Sends requests to the service under test. */
export interface ServiceClient {
  /** Resolves with the status. Rejects when there is no answer. */
  post(lines: readonly HeaderLine[], body: string, signal: AbortSignal): Promise<number>;
  close(): void;
}

/** Creates a client that sends header lines unchanged: the case of names, several lines with one name, bytes above 0x7F. */
export function createServiceClient(url: URL): ServiceClient {
  const secure = url.protocol === 'https:';
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const send = secure ? httpsRequest : httpRequest;
  const post: ServiceClient['post'] = async (lines, body, signal) => {
    const headers = [
      ['host', url.host],
      ['content-type', 'application/json'],
      ['accept', 'application/json'],
      ['content-length', String(Buffer.byteLength(body))],
      ...lines,
    ].flat();
    const request = send(url, { method: 'POST', agent, signal, headers });
    request.end(body);
    try {
      return await readStatus(request);
    } catch (error) {
      // The service closed an idle keep-alive connection at this moment. That is not a fault, so try again.
      if (request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET' && !signal.aborted)
        return post(lines, body, signal);
      throw error;
    }
  };
  return { post, close: () => agent.destroy() };
}

async function readStatus(request: ClientRequest): Promise<number> {
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  for await (const _chunk of response);
  return response.statusCode ?? 0;
}
