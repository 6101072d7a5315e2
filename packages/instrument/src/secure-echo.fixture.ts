import http2, { type ServerHttp2Session } from 'node:http2';
import { close, listen } from '@laneway/testing';
import { generate } from 'selfsigned';

/** What the server received of one request. */
export interface Received {
  readonly version: string | undefined;
  readonly baggage: string | undefined;
}

/** A server that speaks HTTP/2 over TLS only and answers with the lane headers that it received. */
export interface SecureEcho {
  readonly url: string;
  readonly port: number;
  readonly ca: string;
  /** How many sessions clients have opened. */
  readonly sessions: () => number;
  readonly close: () => Promise<void>;
}

/** Starts a {@link SecureEcho} for `localhost`. */
export async function secureEcho(): Promise<SecureEcho> {
  const { private: key, cert: ca } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const opened: ServerHttp2Session[] = [];
  const server = http2.createSecureServer({ key, cert: ca });
  server.on('session', (session) => void opened.push(session));
  server.on('request', ({ headers, stream }, response) => {
    stream.on('error', () => {});
    const { version, baggage } = headers;
    response.end(JSON.stringify({ version, baggage }));
  });
  const port = await listen(server);
  return {
    url: `https://localhost:${port}/`,
    port,
    ca,
    sessions: () => opened.length,
    close: () => {
      for (const session of opened) session.destroy();
      return close(server);
    },
  };
}
