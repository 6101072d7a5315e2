import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Lanes } from '@laneway/core';
import { type Call, outboundContract } from '@laneway/testing';
import type { Dispatcher } from 'undici';
import { test } from 'vitest';
import { laneDispatcher, laneInterceptor } from './index.js';
import { hasUndici8, poolAgent, readRequest, undicis } from './undici.contract.js';

const split = (url: string): { origin: string; path: string } => {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
};

/** The ways to call a dispatcher. */
const calls: readonly [string, (dispatcher: Dispatcher) => Call][] = [
  ['request', (dispatcher) => (url, headers) => readRequest(dispatcher, url, headers && { headers })],
  [
    'stream',
    (dispatcher) => async (url, headers) => {
      let body = '';
      let status = 0;
      await dispatcher.stream({ ...split(url), method: 'GET', ...(headers && { headers }) }, (answer) => {
        status = answer.statusCode;
        return new Writable({
          write(chunk, _, done) {
            body += String(chunk);
            done();
          },
        });
      });
      return { status, body };
    },
  ],
  [
    'pipeline',
    (dispatcher) => async (url, headers) => {
      let status = 0;
      const options = { ...split(url), method: 'GET', ...(headers && { headers }) } as const;
      const stream = dispatcher.pipeline(options, (answer) => {
        status = answer.statusCode;
        return answer.body;
      });
      return { status, body: await text(stream.end()) };
    },
  ],
];

for (const [version, undici] of undicis) {
  const subject = (name: string, connect: (lanes: Lanes) => { call: Call; dispatcher: Dispatcher }): void =>
    outboundContract({
      name: `${version}: ${name}`,
      connect(lanes) {
        const { call, dispatcher } = connect(lanes);
        return Promise.resolve({ call, close: () => dispatcher.close() });
      },
    });

  for (const [name, callWith] of calls)
    subject(`${name} of an Agent`, (lanes) => {
      const dispatcher = laneDispatcher(poolAgent(undici), lanes);
      return { call: callWith(dispatcher), dispatcher };
    });
  // undici 6.0 has no `compose`.
  if (version !== 'undici 6.0')
    subject('an interceptor', (lanes) => {
      const dispatcher = poolAgent(undici).compose(laneInterceptor(lanes));
      return { call: calls[0]![1](dispatcher), dispatcher };
    });
}

if (!hasUndici8) test.skip('outbound contract: undici 8 (skipped: it needs Node 22)');
