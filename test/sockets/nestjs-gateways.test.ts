import { LaneModule } from '@laneway/nestjs';
import { socketIoLane } from '@laneway/socket.io';
import { wsLane } from '@laneway/ws';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { io } from 'socket.io-client';
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

testStand('NestJS gateway on ws', async (isOurs) => {
  class Gateway {
    readonly #connected = new WeakMap<object, string>();
    handleConnection(socket: object): void {
      this.#connected.set(socket, name());
    }
    async work(socket: object, data: Parameters<typeof answer>[0]): Promise<object> {
      return { event: 'work', data: await answer(data, this.#connected.get(socket) ?? 'not connected') };
    }
  }
  WebSocketGateway({ path: '/work', perMessageDeflate: DEFLATE })(Gateway);
  decorate(Gateway, 'work', SubscribeMessage('work'));
  const { app, port } = await startNest(
    { imports: isOurs ? [LaneModule.forRoot({ lanes })] : [], providers: [Gateway] },
    (created) => created.useWebSocketAdapter(new (isOurs ? LaneWsAdapter : WsAdapter)(created)),
  );
  return {
    connect: (headers) => connectText(`ws://127.0.0.1:${port}/work`, headers),
    close: () => app.close(),
  } satisfies Stand;
});

for (const namespace of ['/', '/shop']) {
  testStand(`NestJS gateway on socket.io, namespace ${namespace}`, async (isOurs) => {
    class Gateway {
      readonly #connected = new WeakMap<object, string>();
      handleConnection(socket: object): void {
        this.#connected.set(socket, name());
      }
      async work(socket: object, seed: number): Promise<readonly string[]> {
        return [this.#connected.get(socket) ?? 'not connected', await see(seed)];
      }
    }
    WebSocketGateway({ namespace, perMessageDeflate: DEFLATE })(Gateway);
    decorate(Gateway, 'work', SubscribeMessage('work'));
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
      close: () => app.close(),
    } satisfies Stand;
  });
}
