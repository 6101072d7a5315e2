import { EventEmitter, once } from 'node:events';
import type { AddressInfo, Server as NetServer } from 'node:net';
import { Controller, UseGuards, UseInterceptors } from '@nestjs/common';
import {
  ClientRedis,
  ClientTCP,
  EventPattern,
  MessagePattern,
  ServerRedis,
  ServerTCP,
} from '@nestjs/microservices';
import { firstValueFrom, map, type Observable } from 'rxjs';
import { decorate } from '../../packages/nestjs/src/application.fixture.js';
import { lanes, name, see, type Stand, testStand } from './lane-count.js';
import { startNest } from './nest-application.js';
import { startRedis } from './redis-server.js';

type MicroserviceServer = ServerTCP | ServerRedis;
type MicroserviceClient = ClientTCP | ClientRedis;

interface Metadata {
  getMetadata(): Record<string, string> | undefined;
}

/** The two lines of the recipe. */
function addLines(server: MicroserviceServer, client: MicroserviceClient, to: string): void {
  // The type says void, but NestJS handles the errors of the promise that the hook returns.
  // oxlint-disable-next-line typescript/no-misused-promises -- as above
  server.setOnProcessingStartHook((_transport, context, done) => {
    const lane = lanes.capture((context as Metadata).getMetadata() ?? {});
    return lanes.run(lane, done);
  });
  client.setOnDispatchHook((packet) => {
    packet.metadata = lanes.attach(packet.metadata ?? {}, { to });
  });
}

/** Starts a service, and a client that all callers share. */
async function openStand(
  server: MicroserviceServer,
  connect: () => MicroserviceClient,
  isOurs: boolean,
): Promise<Stand> {
  const events = new EventEmitter().setMaxListeners(0);
  const eventLanes = new Map<number, string>();
  const guarded = new Map<number, string>();
  class Guard {
    canActivate(context: { switchToRpc(): { getData(): number } }): boolean {
      guarded.set(context.switchToRpc().getData(), name());
      return true;
    }
  }
  class Interceptor {
    intercept(_context: unknown, next: { handle(): Observable<string[]> }): Observable<string[]> {
      const before = name();
      return next.handle().pipe(map((seen) => [...seen, before, name()]));
    }
  }
  class Service {
    async work(id: number): Promise<string[]> {
      return [guarded.get(id) ?? 'not guarded', await see(id)];
    }
    async event(id: number): Promise<void> {
      eventLanes.set(id, await see(id));
      events.emit(`event ${id}`);
    }
  }
  Controller()(Service);
  decorate(
    Service,
    'work',
    MessagePattern('work'),
    UseGuards(new Guard()),
    UseInterceptors(new Interceptor() as never),
  );
  decorate(Service, 'event', EventPattern('event'));
  const { app } = await startNest({ controllers: [Service] }, async (created) => {
    created.connectMicroservice({ strategy: server });
    await created.startAllMicroservices();
  });
  const client = connect();
  if (isOurs) addLines(server, client, '127.0.0.1');
  let last = 0;
  const ask = async (): Promise<readonly string[]> => {
    const id = last++;
    const answer = client.send<string[]>('work', id).pipe(map(lanes.bind((seen) => [...seen, name()])));
    const event = once(events, `event ${id}`);
    await firstValueFrom(client.emit('event', id), { defaultValue: undefined });
    await event;
    return [...(await firstValueFrom(answer)), eventLanes.get(id) ?? 'no event'];
  };
  return {
    connect: async (headers) => {
      const lane = lanes.capture(headers);
      return { ask: () => lanes.run(lane, ask, {}), close: () => undefined };
    },
    async close() {
      await client.close();
      await app.close();
    },
  };
}

/** A server that tells its port. */
class BoundServer extends ServerTCP {
  get bound(): number {
    return (this.unwrap<NetServer>().address() as AddressInfo).port;
  }
}

testStand('NestJS microservice over TCP', async (isOurs) => {
  const server = new BoundServer({ host: '127.0.0.1', port: 0 });
  return openStand(server, () => new ClientTCP({ host: '127.0.0.1', port: server.bound }), isOurs);
});

testStand('NestJS microservice over Redis', async (isOurs) => {
  const redis = await startRedis();
  const options = { host: '127.0.0.1', port: redis.port };
  const stand = await openStand(new ServerRedis(options), () => new ClientRedis(options), isOurs);
  return {
    ...stand,
    async close() {
      await stand.close();
      await redis.close();
    },
  };
});

// The recipe for NestJS 10 and 11, which have no metadata.
testStand('NestJS microservice over TCP, the lane in the data', async (isOurs) => {
  const server = new BoundServer({ host: '127.0.0.1', port: 0 });
  class Service {
    work({ id, headers }: { id: number; headers: Record<string, string> }): Promise<string> {
      return lanes.run(lanes.capture(headers), () => see(id));
    }
  }
  Controller()(Service);
  decorate(Service, 'work', MessagePattern('work'));
  const { app } = await startNest({ controllers: [Service] }, async (created) => {
    created.connectMicroservice({ strategy: server });
    await created.startAllMicroservices();
  });
  const client = new ClientTCP({ host: '127.0.0.1', port: server.bound });
  const ask = async (id: number): Promise<string[]> => {
    const headers = isOurs ? lanes.attach({}, { to: '127.0.0.1' }) : {};
    return [await firstValueFrom(client.send<string>('work', { id, headers })), name()];
  };
  return {
    connect: async (headers) => {
      const lane = lanes.capture(headers);
      return { ask: (seed) => lanes.run(lane, () => ask(seed), {}), close: () => undefined };
    },
    async close() {
      client.close();
      await app.close();
    },
  };
});
