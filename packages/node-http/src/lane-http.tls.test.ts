import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { json } from 'node:stream/consumers';
import {
  close,
  contractLanes,
  type EchoedRequest,
  echoServer,
  headerLines,
  laneBaggage,
  laneHeaders,
  listen,
  loopbackLookup,
} from '@laneway/testing';
import { generate } from 'selfsigned';
import { expect, test } from 'vitest';
import { laneHttp } from './index.js';

test('https carries the lane, but not to an external host', async () => {
  const lanes = contractLanes();
  const altNames = ['localhost', 'external.example'].map((value) => ({ type: 2 as const, value }));
  const { cert: ca, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  const echo = await echoServer();
  const server = https.createServer({ key, cert: ca }, (request, response) =>
    echo.server.emit('request', request, response),
  );
  const port = await listen(server);
  const agent = new https.Agent({ ca, keepAlive: true, lookup: loopbackLookup });
  const wrapped = laneHttp(https, lanes);
  const send = async (host: string): Promise<string[][]> => {
    const request = lanes.run(lanes.capture(laneHeaders('v2')), () =>
      wrapped.get(`https://${host}:${port}/`, { agent }),
    );
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const seen = (await json(response)) as EchoedRequest;
    return [headerLines(seen, 'version'), headerLines(seen, 'baggage')];
  };
  expect(await send('localhost')).toEqual([['v2'], [laneBaggage('v2')]]);
  expect(await send('external.example')).toEqual([[], []]);
  expect(await send('localhost')).toEqual([['v2'], [laneBaggage('v2')]]);
  agent.destroy();
  await close(server);
  await echo.close();
});
