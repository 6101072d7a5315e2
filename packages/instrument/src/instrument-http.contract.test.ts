import { once } from 'node:events';
import http, { get, request } from 'node:http';
import http2, { type ClientHttp2Session, connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import type { Lanes } from '@laneway/core';
import { type Call, type EchoServer, loopbackLookup, outboundContract } from '@laneway/testing';
import axios from 'axios';
import { got } from 'got';
import ky from 'ky';
import nodeFetch from 'node-fetch';
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { afterAll } from 'vitest';
import { http2Echo } from './http2-echo.fixture.js';
import { instrumentHttp } from './index.js';
import { poolAgent, undicis } from '../../undici/src/undici.contract.js';

interface Client {
  readonly call: Call;
  close(): unknown;
}

/** The contract of a client that is not wrapped. */
function contract(name: string, make: () => Client, echo?: () => Promise<EchoServer>): void {
  outboundContract({
    name: `${name} under instrumentHttp`,
    ...(echo && { echo }),
    connect(lanes: Lanes) {
      const { restore } = instrumentHttp(lanes);
      const client = make();
      return Promise.resolve({
        call: client.call,
        async close() {
          restore();
          await client.close();
        },
      });
    },
  });
}

/** A client over `node:http`, with its agent. */
function overHttp(makeCall: (agent: http.Agent) => Call): () => Client {
  return () => {
    const options = { keepAlive: true, maxSockets: 1, lookup: loopbackLookup };
    const agent = new http.Agent(options);
    return { call: makeCall(agent), close: () => agent.destroy() };
  };
}

type Make = (
  url: string,
  options: object,
  callback: (response: http.IncomingMessage) => void,
) => http.ClientRequest;
const send =
  (make: Make) =>
  (agent: http.Agent): Call =>
  (url, headers) =>
    new Promise((resolve, reject) => {
      make(url, { agent, ...(headers && { headers }) }, (response) => {
        text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      })
        .on('error', reject)
        .end();
    });

contract('http.request', overHttp(send((...args) => http.request(...args))));
contract('http.get', overHttp(send((...args) => http.get(...args))));
contract('request, imported by name', overHttp(send((...args) => request(...args))));
contract('get, imported by name', overHttp(send((...args) => get(...args))));
contract(
  'axios',
  overHttp((httpAgent) => async (url, headers) => {
    const options = { httpAgent, ...(headers && { headers }), transformResponse: String };
    const { status, data } = await axios.get<string>(url, options);
    return { status, body: data };
  }),
);
contract(
  'got',
  overHttp((agent) => async (url, headers) => {
    const options = { agent: { http: agent }, retry: { limit: 0 }, ...(headers && { headers }) };
    const { statusCode, body } = await got(url, options);
    return { status: statusCode, body };
  }),
);
contract(
  'node-fetch',
  overHttp((agent) => async (url, headers) => {
    const response = await nodeFetch(url, { agent, ...(headers && { headers }) });
    return { status: response.status, body: await response.text() };
  }),
);

const dispatcher = poolAgent(undicis[3]![1]);
const before = getGlobalDispatcher();
setGlobalDispatcher(dispatcher);
afterAll(async () => {
  setGlobalDispatcher(before);
  await dispatcher.close();
});
const byGlobal = (call: Call) => (): Client => ({ call, close: () => {} });
contract(
  'fetch',
  byGlobal(async (url, headers) => {
    const response = await fetch(url, headers && { headers });
    return { status: response.status, body: await response.text() };
  }),
);
contract(
  'ky',
  byGlobal(async (url, headers) => {
    const response = await ky(url, { retry: 0, ...(headers && { headers }) });
    return { status: response.status, body: await response.text() };
  }),
);

for (const [name, undici] of undicis) {
  contract(`${name}: request`, () => {
    const agent = poolAgent(undici);
    return {
      async call(url, headers) {
        const { origin, pathname } = new URL(url);
        const options = { origin, path: pathname, method: 'GET', ...(headers && { headers }) } as const;
        const { statusCode, body } = await agent.request(options);
        return { status: statusCode, body: await body.text() };
      },
      close: () => agent.close(),
    };
  });
  contract(`${name}: fetch`, () => {
    const agent = poolAgent(undici);
    return {
      async call(url, headers) {
        const response = await undici.fetch(url, { dispatcher: agent, ...(headers && { headers }) });
        return { status: response.status, body: await response.text() };
      },
      close: () => agent.close(),
    };
  });
}

for (const [name, open] of [
  ['http2.connect', (...args: Parameters<typeof connect>) => http2.connect(...args)],
  ['connect, imported by name', (...args: Parameters<typeof connect>) => connect(...args)],
] as const)
  contract(
    name,
    () => {
      const sessions = new Map<string, ClientHttp2Session>();
      return {
        async call(url, headers) {
          const { origin, pathname } = new URL(url);
          const options: object = { lookup: loopbackLookup };
          const session = sessions.get(origin) ?? open(origin, options);
          sessions.set(origin, session);
          const stream = session.request({ ':path': pathname, ...headers });
          const [answer] = (await once(stream, 'response')) as [{ ':status'?: number }];
          return { status: answer[':status'] ?? 0, body: await text(stream) };
        },
        close: () => {
          for (const session of sessions.values()) session.destroy();
        },
      };
    },
    http2Echo,
  );
