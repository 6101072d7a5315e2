import http2 from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { text } from 'node:stream/consumers';
import grpc, { type ServiceDefinition } from '@grpc/grpc-js';
import { BASELINE } from '@laneway/core';
import { laneHttp2 } from '@laneway/http2';
import { collectDrops, contractLanes, laneHeaders } from '@laneway/testing';
import { laneDispatcher } from '@laneway/undici';
import axios from 'axios';
import { got } from 'got';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Instrumentation, instrumentHttp } from './index.js';
import { CALLS_IN_LANES, countInterleaved } from './interleaved-calls.fixture.js';
import { type Received, type SecureEcho, secureEcho } from './secure-echo.fixture.js';
import { undicis } from '../../undici/src/undici.contract.js';

const lanes = contractLanes();
const NONE = { wrong: 0, lost: 0, leaked: 0 };
const ALL_LOST = { ...NONE, lost: CALLS_IN_LANES };
const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);

let echo: SecureEcho;
let instrumentation: Instrumentation;
beforeEach(async () => {
  echo = await secureEcho();
  instrumentation = instrumentHttp(lanes);
});
afterEach(async () => {
  instrumentation.restore();
  await echo.close();
});

describe.each(undicis)('%s over HTTP/2', (_name, undici) => {
  test.each([
    ['instrumented', false],
    ['instrumented and wrapped', true],
  ])('%s: every call in its lane', async (_way, isWrapped) => {
    const agent = new undici.Agent({ allowH2: true, connections: 1, connect: { ca: echo.ca } });
    const dispatcher = isWrapped ? laneDispatcher(agent, lanes) : agent;
    const call = async (): Promise<Received> => {
      const { body } = await undici.request(echo.url, { dispatcher });
      return (await body.json()) as Received;
    };
    const drops = await collectDrops(async () => {
      expect(await countInterleaved(lanes, call)).toEqual(NONE);
    });
    expect(echo.sessions()).toBe(1);
    // The dispatcher has attached the lane, so nothing is dropped.
    expect(drops).toEqual([]);
    await agent.destroy();
  });
});

test('got over HTTP/2: no call carries a lane, and each is reported', async () => {
  const https = { certificateAuthority: echo.ca };
  const call = (): Promise<Received> => got(echo.url, { http2: true, https, retry: { limit: 0 } }).json();
  const drops = await collectDrops(async () => {
    expect(await countInterleaved(lanes, call)).toEqual(ALL_LOST);
  });
  expect(new Set(drops.map((drop) => JSON.stringify(drop)))).toEqual(
    new Set([JSON.stringify({ reason: 'shared-session', direction: 'attach', host: 'localhost' })]),
  );
});

test('axios over HTTP/2: every call in its lane', async () => {
  const options = { httpVersion: 2, http2Options: { ca: echo.ca } } as object;
  const call = async (): Promise<Received> => (await axios.get<Received>(echo.url, options)).data;
  expect(await countInterleaved(lanes, call)).toEqual(NONE);
});

describe('grpc-js', () => {
  const codec = { serialize: (value: Buffer) => value, deserialize: (value: Buffer) => value };
  const definition: ServiceDefinition = {
    echo: {
      path: '/test/echo',
      requestStream: false,
      responseStream: false,
      requestSerialize: codec.serialize,
      requestDeserialize: codec.deserialize,
      responseSerialize: codec.serialize,
      responseDeserialize: codec.deserialize,
    },
  };

  test('no call carries a lane, and each is reported', async () => {
    const server = new grpc.Server();
    server.addService(definition, {
      echo: ({ metadata }: grpc.ServerUnaryCall<Buffer, Buffer>, done: grpc.sendUnaryData<Buffer>) => {
        const first = (name: string): string | undefined => metadata.get(name)[0]?.toString();
        done(null, Buffer.from(JSON.stringify({ version: first('version'), baggage: first('baggage') })));
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const call = (): Promise<Received> =>
      new Promise((resolve, reject) => {
        const { serialize, deserialize } = codec;
        client.makeUnaryRequest('/test/echo', serialize, deserialize, Buffer.alloc(0), (error, answer) =>
          error ? reject(error) : resolve(JSON.parse(String(answer)) as Received),
        );
      });
    const drops = await collectDrops(async () => {
      expect(await countInterleaved(lanes, call)).toEqual(ALL_LOST);
    });
    expect(new Set(drops.map(({ reason }) => reason))).toEqual(new Set(['shared-session']));
    client.close();
    server.forceShutdown();
  });

  test('a version that lets Node open the connection is recognized by its user agent', async () => {
    const session = http2.connect(echo.url, { ca: echo.ca });
    const headers = { 'user-agent': 'mine grpc-node-js/1.8.22', 'content-type': 'application/grpc' };
    const drops = await collectDrops(async () => {
      const seen = await inLane('v2', () => text(session.request(headers)));
      expect(JSON.parse(seen)).toEqual({});
    });
    expect(drops).toEqual([{ reason: 'shared-session', direction: 'attach', host: 'localhost' }]);
    session.destroy();
  });
});

describe('sessions of the application', () => {
  const callOver = (session: http2.ClientHttp2Session) => async (): Promise<Received> =>
    JSON.parse(await text(session.request({ ':path': '/' }))) as Received;

  test('every call carries its lane, not that of the code that opened the session', async () => {
    const session = inLane('opener', () => http2.connect(echo.url, { ca: echo.ca }));
    expect(await countInterleaved(lanes, callOver(session))).toEqual(NONE);
    session.destroy();
  });

  test('open sessions carry no lane after restore', async () => {
    const session = http2.connect(echo.url, { ca: echo.ca });
    expect(await inLane('v2', callOver(session))).toMatchObject({ version: 'v2' });
    instrumentation.restore();
    expect(await countInterleaved(lanes, callOver(session))).toEqual(ALL_LOST);
    session.destroy();
  });

  describe('over a separate connection', () => {
    const createConnection = (): ReturnType<typeof connectTls> =>
      connectTls({ port: echo.port, host: 'localhost', ca: echo.ca, ALPNProtocols: ['h2'] });

    test('carry no lane, because they look like those of a library', async () => {
      const session = http2.connect(echo.url, { createConnection });
      const drops = await collectDrops(async () => {
        expect(await inLane('v2', callOver(session))).toEqual({});
        expect(await lanes.run(BASELINE, callOver(session))).toEqual({});
      });
      expect(drops).toEqual([{ reason: 'shared-session', direction: 'attach', host: 'localhost' }]);
      session.destroy();
    });

    test('carry the lane when laneHttp2 opens them', async () => {
      const session = laneHttp2(http2, lanes).connect(echo.url, { createConnection });
      const drops = await collectDrops(async () => {
        expect(await countInterleaved(lanes, callOver(session))).toEqual(NONE);
      });
      expect(drops).toEqual([]);
      session.destroy();
    });
  });
});
