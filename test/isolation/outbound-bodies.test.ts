import http from 'node:http';
import { createRequire } from 'node:module';
import { laneFetch } from '@laneway/fetch';
import { contractLanes, echoServer, type EchoServer, laneHeaders, loopbackLookup } from '@laneway/testing';
import nodeFetch from 'node-fetch';
import * as undici from 'undici';
import * as undici6 from 'undici-6';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

type AnyFetch = (input: string, init: object) => Promise<{ body: unknown; json(): Promise<unknown> }>;

const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const inLane = <T>(lane: string, fn: () => T): T =>
  lane === 'baseline' ? fn() : lanes.run(lanes.capture(laneHeaders(lane)), fn);
const builtInUndici =
  Number(process.versions.undici?.split('.')[0]) > 6 ? undici : (undici6 as unknown as typeof undici);
const clients: Record<string, [unknown, typeof undici?]> = {
  "Node's fetch": [globalThis.fetch, builtInUndici],
  'undici 6': [undici6.fetch, undici6 as unknown as typeof undici],
  'undici 7': [undici.fetch, undici],
  'node-fetch 2': [createRequire(import.meta.url)('node-fetch-2')],
  'node-fetch 3': [nodeFetch],
};

describe.each(Object.entries(clients))('%s', (clientName, [client, library]) => {
  const fetch = laneFetch(client as AnyFetch, lanes);
  let internal: EchoServer;
  let external: EchoServer;
  beforeAll(async () => {
    [internal, external] = await Promise.all([echoServer(), echoServer()]);
  });
  afterAll(() => Promise.all([internal.close(), external.close()]));

  /** Opens one connection per origin, so that every call except the first waits for another call. */
  function connect(): { init: object; close(): unknown } {
    if (library === undefined) {
      const options = { keepAlive: true, maxSockets: 1, lookup: loopbackLookup };
      const agent = new http.Agent(options);
      return { init: { agent }, close: () => agent.destroy() };
    }
    const dispatcher = new library.Agent({
      connect: { lookup: loopbackLookup },
      factory: (origin, options) => new library.Pool(origin, Object.assign(options, { connections: 1 })),
    });
    return { init: { dispatcher }, close: () => dispatcher.close() };
  }

  test('code that reads a body in steps stays in its lane or at the baseline', async () => {
    const { init, close } = connect();
    const read = async (body: unknown): Promise<string> => {
      const seen = new Set<string>();
      const look = (): void => void seen.add(name());
      if (body instanceof ReadableStream) {
        await body
          .pipeThrough(new TransformStream({ transform: (chunk, to) => (look(), to.enqueue(chunk)) }))
          .pipeTo(new WritableStream({ write: look, close: look }));
      } else {
        const stream = body as NodeJS.ReadableStream;
        await new Promise((done) => stream.on('data', look).on('end', look).on('close', done));
      }
      look();
      return [...seen].join(' and ');
    };
    const expected = ['A', 'B', 'baseline', 'C', 'baseline', 'D'];
    const seen = expected.map((lane) =>
      inLane(lane, async () =>
        read(
          (await fetch(`${internal.url}/slow?ms=3`, { ...init, method: 'POST', body: 'x'.repeat(200_000) }))
            .body,
        ),
      ),
    );
    expect(await Promise.all(seen)).toEqual(expected);
    await close();
  });

  test.each([301, 302, 303, 307, 308])('redirect %i to an external host and back', async (status) => {
    const { init, close } = connect();
    const back = `http://external.example:${external.port}/redirect?status=${status}&to=${encodeURIComponent(`${internal.url}/`)}`;
    const there = `${internal.url}/redirect?status=${status}&to=${encodeURIComponent(back)}`;
    // In node-fetch 3, a second redirect with a body never ends.
    const sent = clientName === 'node-fetch 3' && status > 303 ? {} : { method: 'POST', body: 'body' };
    const asked: (string | undefined)[] = [];
    const ask = ({ headers }: http.IncomingMessage): void =>
      void asked.push(headers.version as string | undefined, headers.baggage as string | undefined);
    external.server.on('request', ask);
    const expected = Array.from({ length: 8 }, (_, index) => (index % 4 === 0 ? 'baseline' : `v${index}`));
    const seen = expected.map((lane) =>
      inLane(lane, async () => {
        const answer = await fetch(there, { ...init, ...sent });
        const { headers } = (await answer.json()) as { headers: [string, string][] };
        return headers.find(([key]) => key === 'version')?.[1] ?? 'baseline';
      }),
    );
    expect(await Promise.all(seen)).toEqual(expected);
    expect(asked).toEqual(Array.from({ length: 16 }, () => undefined));
    external.server.off('request', ask);
    await close();
  });
});
