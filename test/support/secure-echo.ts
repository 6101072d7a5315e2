import https from 'node:https';
import { close, type EchoServer, listen } from '@laneway/testing';
import { generate } from 'selfsigned';
import { afterAll, beforeAll } from 'vitest';

/** An https server in front of an echo server, for the tests of one file. */
export interface SecureEcho {
  /** It exists only while tests run. */
  readonly port: number;
  /** The certificate of the server. Clients must trust it. */
  readonly ca: string;
  readonly key: string;
}

// The first two are internal hosts, the third is an external one.
const NAMES = ['localhost', 'host.internal', 'external.example'];

/** Makes a certificate, starts https in front of an echo server before the tests of a file, and stops it after them. */
export async function useSecureEcho(echo: EchoServer): Promise<SecureEcho> {
  const { cert: ca, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    extensions: [{ name: 'subjectAltName', altNames: NAMES.map((value) => ({ type: 2, value })) }],
  });
  const server = https.createServer({ key, cert: ca }, (request, response) =>
    echo.server.emit('request', request, response),
  );
  const secure = { port: 0, ca, key };
  beforeAll(async () => {
    secure.port = await listen(server);
  });
  afterAll(() => close(server));
  return secure;
}
