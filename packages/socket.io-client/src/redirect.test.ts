import http, { createServer, type IncomingHttpHeaders } from 'node:http';
import { BASELINE } from '@laneway/core';
import { close, listen, loopbackLookup } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLIENTS, lanes } from './lane-socket-io.fixture.js';
import { laneSocketIo } from './index.js';

// The client of polling follows redirects with the global agent and copies all headers.
const { options } = http.globalAgent as unknown as { options: object };
beforeAll(() => void Object.assign(options, { lookup: loopbackLookup }));
afterAll(() => void Reflect.deleteProperty(options, 'lookup'));

describe.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])('%s version', (client) => {
  test.each([undefined, new http.Agent()])(
    'a redirect to an external host carries no lane',
    async (agent) => {
      const hops: IncomingHttpHeaders[] = [];
      const server = createServer((request, response) => {
        hops.push(request.headers);
        if (hops.length > 1) return void response.writeHead(404).end();
        const { port } = server.address() as { port: number };
        response.writeHead(302, { location: `http://external.example:${port}/` }).end();
      });
      const port = await listen(server);
      const socket = lanes.run(BASELINE.set('version', 'a').set('other', '3'), () =>
        laneSocketIo(CLIENTS[client], lanes)(`http://127.0.0.1:${port}`, {
          transports: ['polling'],
          reconnection: false,
          extraHeaders: { authorization: 'x', Baggage: 'user=1' },
          ...(agent && { agent: agent as unknown as string }),
        }),
      );
      await new Promise((resolve) => void socket.once('connect_error', resolve));
      socket.disconnect();
      await close(server);
      expect(hops.map(({ version, baggage, authorization }) => [version, baggage, authorization])).toEqual([
        ['a', 'user=1,other=3', 'x'],
        [undefined, 'user=1', 'x'],
      ]);
    },
  );
});
