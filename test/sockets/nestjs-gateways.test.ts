import { LaneModule } from '@laneway/nestjs';
import { socketIoLane } from '@laneway/socket.io';
import { wsLane } from '@laneway/ws';
import { type ExecutionContext, type Type, UseGuards } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { EventEmitter, once } from 'node:events';
import { io } from 'socket.io-client';
import { expect } from 'vitest';
import type { WebSocketServer } from 'ws';
import { decorate } from '../../packages/nestjs/src/application.fixture.js';
import { lanes, name, see, type Stand, testStand } from './lane-count.js';
import { startNest } from './nest-application.js';
import { answer, connectText, DEFLATE } from './text-client.js';

class LaneWsAdapter extends WsAdapter {
  override create(...args: Parameters<WsAdapter['create']>): unknown {
    return wsLane(super.create(...args) as WebSocketServer, lanes);
  }
}

class LaneIoAdapter extends IoAdapter {
  override create(...args: Parameters<IoAdapter['create']>): ReturnType<IoAdapter['create']> {
    const namespace = super.create(...args);
    namespace.use(socketIoLane(lanes));
    return namespace;
  }
}

/** The parts of a gateway that are the same on ws and on socket.io. */
class Connections {
  readonly #lanes = new Map<object, string>();
  readonly #guarded = new WeakMap<object, string>();
  readonly #ended = new EventEmitter();
  #ends = 0;
  readonly wrongEnds: string[] = [];

  handleConnection(socket: object): void {
    this.#lanes.set(socket, name());
  }
  handleDisconnect(socket: object): void {
    const lane = this.#lanes.get(socket);
    if (lane !== name()) this.wrongEnds.push(`${lane} ended in ${name()}`);
    if (++this.#ends === this.#lanes.size) this.#ended.emit('all');
  }
  canActivate(context: ExecutionContext): boolean {
    this.#guarded.set(context.switchToWs().getClient<object>(), name());
    return true;
  }
  seen(socket: object): string[] {
    return [this.#lanes.get(socket) ?? 'not connected', this.#guarded.get(socket) ?? 'not guarded'];
  }
  /** Waits until all clients are disconnected. */
  async end(): Promise<void> {
    if (this.#ends < this.#lanes.size) await once(this.#ended, 'all');
  }
}

/** Returns a gateway whose method `work` handles messages behind a guard. */
function addGateway(gateway: Type, connections: Connections, options: object): void {
  WebSocketGateway({ ...options, perMessageDeflate: DEFLATE })(gateway);
  decorate(gateway, 'work', SubscribeMessage('work'), UseGuards(connections));
}

testStand('NestJS gateway on ws', async (isOurs) => {
  const connections = new Connections();
  class Gateway {
    handleConnection(socket: object): void {
      connections.handleConnection(socket);
    }
    handleDisconnect(socket: object): void {
      connections.handleDisconnect(socket);
    }
    async work(socket: object, data: Parameters<typeof answer>[0]): Promise<object> {
      return { event: 'work', data: await answer(data, ...connections.seen(socket)) };
    }
  }
  addGateway(Gateway, connections, { path: '/work' });
  const { app, port } = await startNest(
    { imports: isOurs ? [LaneModule.forRoot({ lanes })] : [], providers: [Gateway] },
    (created) => created.useWebSocketAdapter(new (isOurs ? LaneWsAdapter : WsAdapter)(created)),
  );
  return {
    connect: (headers) => connectText(`ws://127.0.0.1:${port}/work`, headers),
    async close() {
      await connections.end();
      await app.close();
      if (isOurs) expect(connections.wrongEnds).toEqual([]);
    },
  } satisfies Stand;
});

for (const namespace of ['/', '/shop']) {
  testStand(`NestJS gateway on socket.io, namespace ${namespace}`, async (isOurs) => {
    const connections = new Connections();
    class Gateway {
      handleConnection(socket: object): void {
        connections.handleConnection(socket);
      }
      handleDisconnect(socket: object): void {
        connections.handleDisconnect(socket);
      }
      async work(socket: object, seed: number): Promise<readonly string[]> {
        return [...connections.seen(socket), await see(seed)];
      }
    }
    addGateway(Gateway, connections, { namespace });
    const { app, port } = await startNest({ providers: [Gateway] }, (created) =>
      created.useWebSocketAdapter(new (isOurs ? LaneIoAdapter : IoAdapter)(created)),
    );
    return {
      connect: async (extraHeaders) => {
        const socket = io(`http://127.0.0.1:${port}${namespace}`, { extraHeaders, forceNew: true });
        await new Promise<void>((resolve) => void socket.once('connect', resolve));
        return {
          ask: (seed) => socket.emitWithAck('work', seed) as Promise<string[]>,
          close: () => socket.disconnect(),
        };
      },
      async close() {
        await connections.end();
        await app.close();
        if (isOurs) expect(connections.wrongEnds).toEqual([]);
      },
    } satisfies Stand;
  });
}
