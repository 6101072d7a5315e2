import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { json } from 'node:stream/consumers';
import { laneBaggage, laneOf, loopbackLookup, useEcho } from '@laneway/testing';
import { expect, test } from 'vitest';
import { useSecureEcho } from '../../../test/support/secure-echo.js';
import { laneHttp } from './index.js';

const { lanes, echo, inLane } = useEcho();
const secure = await useSecureEcho(echo);

test('https carries the lane, but not to an external host', async () => {
  const agent = new https.Agent({ ca: secure.ca, keepAlive: true, lookup: loopbackLookup });
  const wrapped = laneHttp(https, lanes);
  const send = async (host: string): Promise<string[]> => {
    const request = inLane('v2', () => wrapped.get(`https://${host}:${secure.port}/`, { agent }));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return laneOf(await json(response));
  };
  expect(await send('localhost')).toEqual(['v2', laneBaggage('v2')]);
  expect(await send('external.example')).toEqual(['', '']);
  expect(await send('localhost')).toEqual(['v2', laneBaggage('v2')]);
  agent.destroy();
});
