import http2, { type ClientHttp2Session } from 'node:http2';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { loopbackLookup, outboundContract } from '@laneway/testing';
import { http2Echo } from './http2-echo.fixture.js';
import { laneHttp2 } from './index.js';

outboundContract({
  name: 'http2 client',
  echo: http2Echo,
  connect(lanes) {
    const wrapped = laneHttp2(http2, lanes);
    const sessions = new Map<string, ClientHttp2Session>();
    // The first caller opens it, and all share it.
    const sessionOf = ({ origin }: URL): ClientHttp2Session => {
      const open = sessions.get(origin);
      if (open !== undefined && !open.destroyed) return open;
      const options: object = { lookup: loopbackLookup };
      const session = wrapped.connect(origin, options);
      sessions.set(origin, session);
      return session;
    };
    return Promise.resolve({
      async call(url, headers) {
        const { pathname } = new URL(url);
        const request = sessionOf(new URL(url)).request({ ':path': pathname, ...headers });
        const [answer] = (await once(request, 'response')) as [{ ':status'?: number }];
        return { status: answer[':status'] ?? 0, body: await text(request) };
      },
      close: async () => {
        await Promise.all(
          [...sessions.values()].map(async (session) => {
            session.close();
            if (!session.destroyed) await once(session, 'close');
          }),
        );
      },
    });
  },
});
