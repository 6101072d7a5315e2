import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { close, contractLanes, listen } from '@laneway/testing';
import { expect, test } from 'vitest';
import { nodeHttpLane } from './index.js';

const lanes = contractLanes();

test('a pipelined request: the callbacks of its response are in its lane, not in that of the one before', async () => {
  const seen: string[] = [];
  const note = (what: string) => (): void => void seen.push(`${what} ${lanes.current().name}`);
  let first: ServerResponse | undefined;
  const server = nodeHttpLane(
    createServer((request, response) => {
      if (request.url === '/first') {
        first = response;
        return;
      }
      response.write('a', note('write'));
      response.write('b', 'latin1', note('write'));
      response.end('c', note('end'));
      first?.end('first');
    }),
    lanes,
  );
  const socket = connect(await listen(server), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('GET /first HTTP/1.1\r\nHost: x\r\nVersion: v1\r\n\r\n');
  socket.write('GET /second HTTP/1.1\r\nHost: x\r\nVersion: v2\r\nConnection: close\r\n\r\n');
  const answer = await text(socket);
  expect(answer.match(/^(?:first|a|b|c)/gm)).toEqual(['first', 'a', 'b', 'c']);
  expect(seen).toEqual(['write v2', 'write v2', 'end v2']);
  await close(server);
});
