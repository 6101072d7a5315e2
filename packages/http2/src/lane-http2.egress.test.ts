import http2, { type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import {
  collectDrops,
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
  loopbackLookup as lookup,
} from '@laneway/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { selfSigned } from './certificate.fixture.js';
import { http2Echo } from './http2-echo.fixture.js';
import { laneHttp2, sessionTarget } from './index.js';

const lanes = contractLanes();
const wrapped = laneHttp2(http2, lanes);
const EXTERNAL = 'external.example';
const node = Number(process.versions.node.split('.')[0]);

let echo: EchoServer;
beforeAll(async () => {
  echo = await http2Echo();
});
afterAll(() => echo.close());

const open: ClientHttp2Session[] = [];
afterEach(() => {
  for (const session of open.splice(0)) session.destroy();
});

/** Opens a session that is closed after the test. */
function connectTo(url: string | URL, options?: object): ClientHttp2Session {
  const session = wrapped.connect(url, options);
  session.on('error', () => {});
  open.push(session);
  return session;
}

const send = async (stream: () => ClientHttp2Stream): Promise<EchoedRequest> => {
  const lane = lanes.capture(laneHeaders('v2'));
  return JSON.parse(await text(lanes.run(lane, stream))) as EchoedRequest;
};

/** Returns the lane that the request carried, or the reason why it carried none. */
async function carried(stream: () => ClientHttp2Stream): Promise<unknown> {
  let seen: string[] = [];
  const drops = await collectDrops(async () => {
    const request = await send(stream);
    seen = [...headerLines(request, 'version'), ...headerLines(request, 'baggage')];
  });
  if (seen.length === 0) return drops.map(({ reason, host }) => `${reason} ${host}`).join();
  return seen.join() === `v2,${laneBaggage('v2')}` ? 'v2' : seen;
}

describe('egress', () => {
  const at = (host: string): string => `http://${host}:${echo.port}`;
  const denied: Record<string, () => ClientHttp2Stream> = {
    'the authority': () => connectTo(at(EXTERNAL), { lookup }).request(),
    'the authority, as a URL': () => connectTo(new URL(at(EXTERNAL)), { lookup }).request(),
    'the option host, which overrides the authority': () =>
      connectTo(echo.url, { host: EXTERNAL, lookup }).request(),
    'the option servername': () => connectTo(echo.url, { servername: EXTERNAL }).request(),
    'the authority, with createConnection': () =>
      connectTo(at(EXTERNAL), { createConnection: () => connect(echo.port, '127.0.0.1') }).request(),
    'the :authority of the request': () => connectTo(echo.url).request({ ':authority': EXTERNAL }),
    'the Host of the request': () => connectTo(echo.url).request({ Host: `${EXTERNAL}:80` }),
    'the Host of the request, beside an allowed :authority': () =>
      connectTo(echo.url).request({ ':authority': 'localhost', host: EXTERNAL }),
  };
  test.each(Object.entries(denied))('nothing is sent to an external host, named by %s', async (_, stream) => {
    expect(await carried(stream)).toMatch(new RegExp(`^egress ${EXTERNAL}$`));
  });

  test('a name that two parsers may read differently is denied', () => {
    for (const name of [
      'localhost@external.example',
      '127.0.0.1:80@external.example',
      'localhost\\@a.example',
    ]) {
      const request = (): ClientHttp2Stream => connectTo(echo.url).request({ ':authority': name });
      const stream = lanes.run(lanes.capture(laneHeaders('v2')), request).on('error', () => {});
      expect(stream.sentHeaders).toMatchObject({ ':authority': name });
      expect(stream.sentHeaders).not.toHaveProperty('version');
    }
  });

  const allowed: Record<string, () => ClientHttp2Stream> = {
    'an address': () => connectTo(echo.url).request(),
    'a name of the cluster': () => connectTo(at('helloworld.default.svc'), { lookup }).request(),
    'a name of the cluster in the request': () => connectTo(echo.url).request({ ':authority': 'helloworld' }),
    'the address of the session, which the request names too': () =>
      connectTo(echo.url).request({ ':authority': `127.0.0.1:${echo.port}` }),
    'an authority that is an object': () =>
      connectTo({ protocol: 'http:', hostname: '127.0.0.1', port: String(echo.port) } as URL).request(),
    'a tunnel to a name of the cluster': () =>
      connectTo('http://helloworld', { createConnection: () => connect(echo.port, '127.0.0.1') }).request(),
  };
  test.each(Object.entries(allowed))('the lane is sent to %s', async (_, stream) => {
    expect(await carried(stream)).toBe('v2');
  });

  test('a Unix socket, with an internal and with an external name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'laneway-'));
    const path = join(folder, 'socket');
    const relay = createServer((socket) => {
      const beyond = connect(echo.port, '127.0.0.1');
      socket.on('error', () => beyond.destroy()).on('close', () => beyond.destroy());
      beyond.on('error', () => socket.destroy());
      socket.pipe(beyond).pipe(socket);
    });
    await new Promise<void>((done) => void relay.listen(path, done));
    expect(await carried(() => connectTo('http://helloworld', { path }).request())).toBe('v2');
    expect(await carried(() => connectTo(`http://${EXTERNAL}`, { path }).request())).toBe(
      `egress ${EXTERNAL}`,
    );
    for (const session of open.splice(0)) session.destroy();
    await new Promise((done) => void relay.close(done));
    await rm(folder, { recursive: true });
  });

  test.each<[string, unknown, object | undefined, unknown]>([
    ['an IPv6 address', 'http://[::1]:80', undefined, { host: '::1', authority: '::1' }],
    ['no host at all', { protocol: 'http:' }, undefined, { host: 'localhost', authority: 'localhost' }],
    [
      'the option host as undefined',
      'http://a.example',
      { host: undefined },
      { host: 'localhost', authority: 'a.example' },
    ],
    ['text that is not a URL', 'a.example', undefined, undefined],
    ['nothing', undefined, undefined, undefined],
  ])('%s', (_, authority, options, expected) => {
    expect(sessionTarget(authority, options)).toEqual(expected);
  });

  test('over TLS: the host that is connected to, and the servername', async () => {
    const { key, cert: ca } = await selfSigned();
    const secure = await http2Echo(http2.createSecureServer({ key, cert: ca }));
    const over = (host: string): string => `https://${host}:${secure.port}`;
    expect(await carried(() => connectTo(over('localhost'), { ca, lookup }).request())).toBe('v2');
    expect(await carried(() => connectTo(over(EXTERNAL), { ca, lookup }).request())).toBe(
      `egress ${EXTERNAL}`,
    );
    const servername = EXTERNAL;
    expect(await carried(() => connectTo(over('127.0.0.1'), { ca, servername }).request())).toBe(
      `egress ${EXTERNAL}`,
    );
    const socket = connectTls({
      ca,
      port: secure.port,
      host: '127.0.0.1',
      servername,
      ALPNProtocols: ['h2'],
    });
    const createConnection = (): unknown => socket;
    expect(await carried(() => connectTo('https://helloworld', { createConnection }).request())).toBe('v2');
    for (const session of open.splice(0)) session.destroy();
    await secure.close();
  });
});

describe('headers', () => {
  test('an object: not changed, its headers win, one baggage, sensitive names stay sensitive', async () => {
    const headers = Object.freeze({
      ':path': '/x',
      Version: 'mine',
      Baggage: 'userId=bob',
      secret: 's',
      [http2.sensitiveHeaders]: ['secret'],
    });
    const session = connectTo(echo.url);
    let stream: ClientHttp2Stream | undefined;
    const seen = await send(() => (stream = session.request(headers)));
    expect([seen.path, headerLines(seen, 'version')]).toEqual(['/x', ['mine']]);
    const [baggage, ...more] = headerLines(seen, 'baggage');
    expect(more).toEqual([]);
    expect(baggage).toMatch(/^userId=bob,2=two,Lane=v2/);
    const sent = stream?.sentHeaders as unknown as Record<symbol, unknown>;
    expect(sent[http2.sensitiveHeaders]).toEqual(['secret']);
  });

  test('attached names are in lower case, whatever their case was', async () => {
    const lane = lanes.capture({ Version: 'v7', 'AppVer-B': '1', BAGGAGE: 'A=1' });
    const seen = JSON.parse(
      await text(lanes.run(lane, () => connectTo(echo.url).request())),
    ) as EchoedRequest;
    const names = seen.headers.map(([name]) => name).filter((name) => !name.startsWith(':'));
    expect(names.toSorted()).toEqual(['appver-b', 'baggage', 'version']);
  });

  test('Node refuses wrong headers, in a lane and at the baseline', async () => {
    const session = connectTo(echo.url);
    const wrong: unknown[] = [null, 'text', 5, { ':unknown': '1' }, { connection: 'close' }];
    const codeOf = (headers: unknown): unknown => {
      try {
        session
          .request(headers as never)
          .on('error', () => {})
          .destroy();
        return 'none';
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    };
    for (const headers of wrong) {
      const code = codeOf(headers);
      expect(lanes.run(lanes.capture(laneHeaders('v2')), () => codeOf(headers))).toBe(code);
    }
  });

  test.skipIf(node < 24)(
    'an array of raw headers (from Node 24): not changed, sensitive names kept',
    async () => {
      const headers = [':path', '/x', 'Baggage', 'userId=bob', 'secret', 's'];
      Object.assign(headers, { [http2.sensitiveHeaders]: ['secret'] });
      const before = [...headers];
      let stream: ClientHttp2Stream | undefined;
      const seen = await send(() => (stream = connectTo(echo.url).request(headers as never)));
      expect([seen.path, headerLines(seen, 'version'), headerLines(seen, 'secret')]).toEqual([
        '/x',
        ['v2'],
        ['s'],
      ]);
      const [baggage, ...more] = headerLines(seen, 'baggage');
      expect(more).toEqual([]);
      expect(baggage).toMatch(/^userId=bob,2=two,Lane=v2/);
      const sent = stream?.sentHeaders as unknown as Record<symbol, unknown>;
      expect(sent[http2.sensitiveHeaders]).toEqual(['secret']);
      expect([...headers]).toEqual(before);
      const named = [':authority', EXTERNAL, 'host', 'localhost'];
      expect(await carried(() => connectTo(echo.url).request(named as never))).toBe(`egress ${EXTERNAL}`);
    },
  );
});
