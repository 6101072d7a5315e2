import { once } from 'node:events';
import http2, { type ClientHttp2Session } from 'node:http2';
import { text } from 'node:stream/consumers';
import {
  contractLanes,
  type EchoedRequest,
  type EchoServer,
  headerLines,
  laneHeaders,
} from '@laneway/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { http2Echo } from './http2-echo.fixture.js';
import { laneHttp2 } from './index.js';
import { closed } from './wire.fixture.js';

const lanes = contractLanes();
const nameNow = (): string => lanes.current().name ?? 'baseline';
const inLane = <T>(name: string, fn: () => T): T => lanes.run(lanes.capture(laneHeaders(name)), fn);

let echo: EchoServer;
let session: ClientHttp2Session;
beforeEach(async () => {
  echo = await http2Echo();
  session = inLane('opener', () => laneHttp2(http2, lanes).connect(echo.url));
});
afterEach(async () => {
  session.destroy();
  await echo.close();
});

test('callers that wait for the session to connect: each request in the lane of its caller', async () => {
  const call = (): Promise<string> =>
    new Promise((resolve) => {
      session.once('connect', () => {
        void text(session.request()).then((body) => {
          resolve(headerLines(JSON.parse(body) as EchoedRequest, 'version').join());
        });
      });
    });
  expect(await Promise.all([inLane('v2', call), call(), inLane('v3', call)])).toEqual(['v2', '', 'v3']);
});

test('every method that adds a listener', async () => {
  const seen: string[] = [];
  const note = (what: string) => (): unknown => seen.push(`${what} ${nameNow()}`);
  inLane('v2', () => {
    session.on('close', note('on')).addListener('close', note('addListener'));
    session.once('close', note('once')).prependListener('close', note('prependListener'));
    session.prependOnceListener('close', note('prependOnceListener'));
  });
  session.on('close', note('on'));
  session.destroy();
  await closed(session);
  expect(seen).toEqual([
    'prependOnceListener v2',
    'prependListener v2',
    'on v2',
    'addListener v2',
    'once v2',
    'on baseline',
  ]);
});

test('listeners are called once, removed and listed as on any emitter', async () => {
  let calls = 0;
  const listener = (): unknown => calls++;
  session.once('custom' as 'close', listener);
  expect(session.listeners('custom')).toEqual([listener]);
  session.emit('custom' as 'close');
  session.emit('custom' as 'close');
  expect([calls, session.listenerCount('custom')]).toEqual([1, 0]);
  session.on('custom' as 'close', listener).once('custom' as 'close', listener);
  session.off('custom', listener).removeListener('custom', listener);
  session.emit('custom' as 'close');
  expect([calls, session.listenerCount('custom')]).toEqual([1, 0]);
  expect(() => session.on('close', 5 as never)).toThrow(TypeError);
  await once(session, 'remoteSettings');
});
