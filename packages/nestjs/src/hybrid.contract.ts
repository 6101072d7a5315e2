import type { AddressInfo, Server } from 'node:net';
import { contractLanes, laneHeaders } from '@laneway/testing';
import type { ClientProxy } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { request } from 'undici';
import { describe, expect, test } from 'vitest';
import { decorate, makeModule, type Nest, type Platform, startApplication } from './application.fixture.js';
import { LaneModule } from './index.js';

/** Tests of an application that answers requests and messages. */
export function hybridContract(name: string, nest: Nest, platform: Platform): void {
  const { ClientProxyFactory, MessagePattern, ServerTCP, Transport } = nest.microservices;

  describe(`${name} on ${platform}: a hybrid application`, () => {
    test('requests run in their lanes, messages at the baseline', async () => {
      const lanes = contractLanes();
      const lane = (): string => lanes.current().name ?? 'baseline';
      let client: ClientProxy | undefined;

      class Strategy extends ServerTCP {
        get bound(): number {
          return ((this as unknown as { server: Server }).server.address() as AddressInfo).port;
        }
      }
      const strategy = new Strategy({ host: '127.0.0.1', port: 0 });

      class Both {
        async handle(): Promise<string> {
          // The first request opens the connection. All requests share it.
          client ??= ClientProxyFactory.create({
            transport: Transport.TCP,
            options: { host: '127.0.0.1', port: strategy.bound },
          });
          const message = await firstValueFrom(client.send<string>('lane', {}));
          return `${message} ${lane()}`;
        }
        message(): string {
          return lane();
        }
      }
      nest.common.Controller()(Both);
      decorate(Both, 'handle', nest.common.Get());
      decorate(Both, 'message', MessagePattern('lane'));
      const root = makeModule(nest, { imports: [LaneModule.forRoot({ lanes })], controllers: [Both] });
      const application = await startApplication(nest, platform, root, {
        setUp: async (app) => {
          app.connectMicroservice({ strategy });
          await app.startAllMicroservices();
        },
      });
      const ask = async (sentLane: string | undefined): Promise<string> => {
        const headers = sentLane === undefined ? {} : laneHeaders(sentLane);
        return (await request(application.url, { headers })).body.text();
      };
      expect(await Promise.all(['v2', undefined, 'v3'].map(ask))).toEqual([
        'baseline v2',
        'baseline baseline',
        'baseline v3',
      ]);
      await client?.close();
      await application.close();
      expect(application.warnings).toEqual([]);
    });
  });
}
