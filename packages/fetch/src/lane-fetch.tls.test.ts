import https from 'node:https';
import { laneBaggage, laneOf, useEcho } from '@laneway/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { useSecureEcho } from '../../../test/support/secure-echo.js';
import { type AnyFetch, clients } from './clients.contract.js';
import { laneFetch } from './index.js';

const { lanes, echo, inLane } = useEcho();
const secure = await useSecureEcho(echo);
const V2 = ['v2', laneBaggage('v2')];
const NONE = ['', ''];

async function send(fetch: AnyFetch, url: string, init: object): Promise<string[]> {
  return laneOf(await (await inLane('v2', () => fetch(url, init))).json());
}

describe.each(clients)('$name', ({ fetch: original, connect, kind }) => {
  const fetch = laneFetch(original, lanes);
  const { init, close: disconnect } = connect({ ca: secure.ca });
  afterAll(disconnect);
  const at = (host: string, path = '/'): string => `https://${host}:${secure.port}${path}`;

  test('https carries the lane, but not to an external host', async () => {
    expect(await send(fetch, at('localhost'), init)).toEqual(V2);
    expect(await send(fetch, at('external.example'), init)).toEqual(NONE);
    const redirect = (to: string): string => at('host.internal', `/redirect?to=${encodeURIComponent(to)}`);
    expect(await send(fetch, redirect('/end'), init)).toEqual(V2);
    expect(await send(fetch, redirect(at('external.example')), init)).toEqual(NONE);
  });

  if (kind !== 'node-fetch') return;
  test("https over Node's global agent", async () => {
    const { globalAgent } = https;
    globalAgent.options.ca = secure.ca;
    try {
      for (const _ of ['first', 'second']) expect(await send(fetch, at('localhost'), {})).toEqual(V2);
      expect(https.globalAgent).toBe(globalAgent);
    } finally {
      delete globalAgent.options.ca;
      globalAgent.destroy();
    }
  });
});
