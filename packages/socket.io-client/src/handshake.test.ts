import { BASELINE } from '@laneway/core';
import { collectDrops } from '@laneway/testing';
import type { Socket as ServerSocket } from 'socket.io';
import { Socket } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import {
  ask,
  CLIENTS,
  inLane,
  lanes,
  next,
  onLoopback,
  openScene,
  type Scene,
  TRANSPORTS,
} from './lane-socket-io.fixture.js';

let scene: Scene | undefined;
afterEach(async () => scene?.close());

/** Makes sockets answer with the headers and the auth of their handshake. */
function answerHandshakes(to: Scene): void {
  to.onSocket((there: ServerSocket) => {
    there.on('handshake', (answer: (seen: object) => void) => {
      const { version, baggage, authorization } = there.handshake.headers;
      answer({ version, baggage, authorization, auth: there.handshake.auth });
    });
  });
}

for (const client of Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]) {
  describe.each(Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[])(
    `${client} version, %s`,
    (transport) => {
      test("the caller's extraHeaders and auth are kept and win, and its objects are not changed", async () => {
        scene = await openScene({ client, transport });
        answerHandshakes(scene);
        const extraHeaders = Object.freeze({ Version: 'pinned', authorization: 'x', baggage: 'user=1' });
        const options = Object.freeze({ extraHeaders, auth: { token: 't' }, forceNew: true });
        const socket = scene.open(options);
        const lane = BASELINE.set('version', 'a').set('user', '2').set('other', '3');
        expect(await lanes.run(lane, () => ask<object>(socket, 'handshake'))).toEqual({
          version: 'pinned',
          baggage: 'user=1,other=3',
          authorization: 'x',
          auth: { token: 't' },
        });
        socket.auth = { token: 'new' };
        expect(await inLane('b', () => ask<object>(socket, 'handshake'))).toMatchObject({
          auth: { token: 'new' },
        });
      });

      test('no lane is sent to an external host, and all lanes share its connection', async () => {
        scene = await openScene({ client, transport });
        answerHandshakes(scene);
        const { io, port, server } = scene;
        const socket = io(`http://external.example:${port}`, {
          transports: TRANSPORTS[transport],
          agent: onLoopback(),
        });
        const drops = await collectDrops(async () => {
          const seen = await Promise.all(
            ['a', 'b', 'baseline'].map((name) => inLane(name, () => ask<object>(socket, 'handshake'))),
          );
          expect(seen).toEqual([{ auth: {} }, { auth: {} }, { auth: {} }]);
        });
        expect(server.engine.clientsCount).toBe(1);
        expect(drops).toEqual(
          Array.from({ length: 2 }, () => ({
            reason: 'egress',
            direction: 'attach',
            host: 'external.example',
          })),
        );
        socket.disconnect();
      });
    },
  );

  test(`${client} version: namespaces share the connection of their lane`, async () => {
    scene = await openScene({ client });
    const { server, open } = scene;
    for (const name of ['/one', '/two'])
      server.of(name).on('connection', (there) => {
        there.on('me', (answer: (seen: string) => void) =>
          answer(
            `${name} ${String(there.handshake.headers.version)} ${JSON.stringify(there.handshake.auth)}`,
          ),
        );
      });
    const one = open({ auth: { of: 1 } }, '/one');
    const two = open({ auth: { of: 2 } }, '/two');
    const three = one.io.socket('/', {});
    await Promise.all([one, two].map((socket) => next(socket, 'connect')));
    for (const lane of ['a', 'b'])
      expect(
        await inLane(lane, () => Promise.all([ask(one, 'me'), ask(two, 'me'), ask(three, 'where')])),
      ).toEqual([`/one ${lane} {"of":1}`, `/two ${lane} {"of":2}`, lane]);
    expect(server.engine.clientsCount).toBe(3);
    const gone = next(one, 'disconnect');
    one.disconnect();
    await gone;
    expect(await inLane('a', () => ask(two, 'me'))).toBe('/two a {"of":2}');
    expect(inLane('a', () => one.connected)).toBe(false);
  });
}

test('callers whose lanes differ in another entry do not share a connection', async () => {
  scene = await openScene();
  answerHandshakes(scene);
  const socket = scene.open();
  const lane = BASELINE.set('version', 'a');
  const seen = await Promise.all(
    [lane.set('user', '1'), lane.set('user', '2'), lane.set('user', '1')].map((each) =>
      lanes.run(each, () => ask<{ baggage: string }>(socket, 'handshake')),
    ),
  );
  expect(seen.map(({ baggage }) => baggage)).toEqual(['user=1', 'user=2', 'user=1']);
  expect(scene.handshakes.toSorted()).toEqual(['a', 'a', 'baseline']);
});

test('what socket.io exports stays, and the io that was passed is not changed', async () => {
  const plain = CLIENTS.highest;
  const keys = Object.keys(plain);
  scene = await openScene();
  const { io } = scene;
  expect(Object.keys(io).toSorted()).toEqual(keys.toSorted());
  expect(Reflect.get(io, 'connect')).toBe(Reflect.get(io, 'io'));
  expect((plain as unknown as { connect: unknown }).connect).toBe(plain);
  expect((io as unknown as { Socket: unknown }).Socket).toBe(Socket);
  expect(scene.open()).toBeInstanceOf(Socket);
});

test('extraHeaders that the application changes are sent by the next handshake', async () => {
  scene = await openScene();
  answerHandshakes(scene);
  const socket = scene.open();
  await inLane('a', () => ask(socket, 'where'));
  socket.io.opts.extraHeaders = { authorization: 'new' };
  const back = next(socket.io as never, 'reconnect');
  for (const there of scene.server.sockets.sockets.values()) there.conn.close();
  await back;
  expect(await inLane('a', () => ask<object>(socket, 'handshake'))).toEqual({
    version: 'a',
    authorization: 'new',
    auth: {},
  });
});
