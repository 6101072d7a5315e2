import http2, { type ClientHttp2Session } from 'node:http2';
import { laneHttp2 } from '@laneway/http2';
import type { Client } from '../client.js';

// Node's servers close a session after a thousand reset streams, and aborted calls reset streams.
const CALLS_OF_A_SESSION = 4000;

/** Node's http2, with one session per origin. */
export const load: Client['load'] = () =>
  Promise.resolve(({ wrap, lookup }) => {
    const { connect } = wrap(http2, laneHttp2);
    const opened = new Map<string, { session: ClientHttp2Session; calls: number }>();
    let retired: ClientHttp2Session | undefined;
    const sessionOf = (origin: string): ClientHttp2Session => {
      const known = opened.get(origin);
      const isAlive = known !== undefined && !known.session.destroyed && !known.session.closed;
      if (isAlive && known.calls++ < CALLS_OF_A_SESSION) return known.session;
      const session = connect(origin, { lookup } as http2.ClientSessionOptions);
      // The streams report the error, too.
      session.on('error', () => {});
      opened.set(origin, { session, calls: 1 });
      if (isAlive) {
        // Its last calls may still be running. Those of the previous session have ended.
        retired?.destroy();
        retired = known.session;
      }
      return session;
    };
    return {
      send({ url, signal, timeout, onResponse }, done) {
        const { origin, pathname, search } = new URL(url);
        const stream = sessionOf(origin).request({ ':path': pathname + search }, { signal });
        let text = '';
        let status = 0;
        let location: string | undefined;
        stream.on('response', (headers) => {
          status = headers[':status'] ?? 0;
          location = headers.location;
          onResponse?.();
        });
        stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        stream.on('end', () => (status === 0 ? undefined : done(undefined, { status, location, text })));
        stream.on('error', done);
        if (timeout !== undefined) stream.setTimeout(timeout, () => stream.destroy(new Error('timeout')));
      },
      close() {
        retired?.destroy();
        for (const { session } of opened.values()) session.destroy();
      },
    };
  });
