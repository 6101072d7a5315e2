import { createServer } from 'node:http';
import http2 from 'node:http2';
import { text } from 'node:stream/consumers';
import { defineLanes, LanewayAdapterError } from '@laneway/core';
import { close, contractLanes, laneHeaders, listen } from '@laneway/testing';
import type { ControllerOptions, INestApplication, Type } from '@nestjs/common';
import { request } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Application,
  decorate,
  decorateParameters,
  makeModule,
  type Nest,
  type Platform,
  type Start,
  startApplication,
} from './application.fixture.js';
import { LaneModule, LANES } from './index.js';

const SENT = ['v2', undefined, 'v3'];
const EXPECTED = ['v2', 'baseline', 'v3'];

/** Tests of applications with different settings. */
export function applicationsContract(name: string, nest: Nest, platform: Platform): void {
  const { Controller, Get, Headers, Inject, Injectable, Module, RequestMethod, VersioningType } = nest.common;

  describe(`${name} on ${platform}: applications`, () => {
    const lanes = contractLanes();
    const lane = (): string => lanes.current().name ?? 'baseline';
    const laneModule = LaneModule.forRoot({ lanes });

    let application: Application | undefined;
    afterEach(async () => {
      await application?.close();
      expect(application?.warnings ?? []).toEqual([]);
      application = undefined;
    });
    const start = async (root: Type, options?: Start): Promise<INestApplication> => {
      application = await startApplication(nest, platform, root, options);
      return application.app;
    };
    /** Sends a request of each lane to a path. Returns the bodies of the responses. */
    const ask = (path: string, headers: object = {}, url = application?.url): Promise<string[]> =>
      Promise.all(
        SENT.map(async (sentLane) => {
          const sent = { ...headers, ...(sentLane && laneHeaders(sentLane)) };
          return (await request(`${url}${path}`, { headers: sent })).body.text();
        }),
      );

    /** Returns a controller that responds with the lane, and with the header `version` when it differs. */
    const controller = (options: ControllerOptions): Type => {
      class Named {
        name(header = 'baseline'): string {
          return header === lane() ? lane() : `${header} ${lane()}`;
        }
      }
      Controller(options)(Named);
      decorate(Named, 'name', Get());
      decorateParameters(Named, 'name', Headers('version'));
      return Named;
    };
    const named = controller({ path: 'name' });

    test('a global prefix with exclusions', async () => {
      const controllers = [named, controller({ path: 'health' })];
      const exclude = [{ path: 'health', method: RequestMethod.GET }];
      await start(makeModule(nest, { imports: [laneModule], controllers }), {
        setUp: (app) => app.setGlobalPrefix('api/v1', { exclude }),
      });
      expect(await ask('/api/v1/name')).toEqual(EXPECTED);
      expect(await ask('/health')).toEqual(EXPECTED);
    });

    test('versions', async () => {
      const controllers = [
        controller({ path: 'name', version: '1' }),
        controller({ path: 'name', version: '2' }),
      ];
      const root = makeModule(nest, { imports: [laneModule], controllers });
      await start(root, { setUp: (app) => app.enableVersioning({ type: VersioningType.URI }) });
      expect([await ask('/v1/name'), await ask('/v2/name')]).toEqual([EXPECTED, EXPECTED]);
      await application?.close();
      const header = 'x-api-version';
      await start(root, { setUp: (app) => app.enableVersioning({ type: VersioningType.HEADER, header }) });
      expect(await ask('/name', { [header]: '2' })).toEqual(EXPECTED);
    });

    test('several modules, one of which imports LaneModule; a service injects LANES', async () => {
      class Service {
        constructor(readonly injected: unknown) {}
      }
      Injectable()(Service);
      decorateParameters(Service, undefined, Inject(LANES));
      class Feature {
        readonly name: string = 'feature';
      }
      Module({ controllers: [named], providers: [Service] })(Feature);
      const app = await start(makeModule(nest, { imports: [Feature, laneModule] }));
      expect(await ask('/name')).toEqual(EXPECTED);
      expect(app.get(Service, { strict: false }).injected).toBe(lanes);
      expect(app.get(LANES)).toBe(lanes);
    });

    test('importing the module twice has no effect', async () => {
      class Feature {
        readonly name: string = 'feature';
      }
      Module({ imports: [LaneModule.forRoot({ lanes })], controllers: [named] })(Feature);
      await start(makeModule(nest, { imports: [Feature, LaneModule.forRoot({ lanes })] }));
      expect(await ask('/name')).toEqual(EXPECTED);
    });

    test('forRootAsync: lanes from other providers', async () => {
      class Config {
        readonly key: string = 'version';
      }
      Module({ providers: [Config], exports: [Config] })(Config);
      const asyncModule = LaneModule.forRootAsync({
        imports: [Config],
        inject: [Config],
        useFactory: ({ key }: Config) => Promise.resolve({ lanes: defineLanes({ key }) }),
      });
      const app = await start(makeModule(nest, { imports: [asyncModule], controllers: [named] }));
      expect(await ask('/name')).toEqual(EXPECTED);
      expect(app.get(LANES)).toMatchObject({ policy: { key: 'version' } });
    });

    test('forRoot and forRootAsync throw when they receive something that is not lanes', async () => {
      const useFactory = (): { lanes: never } => ({ lanes: {} as never });
      expect(() => LaneModule.forRoot(useFactory())).toThrow(LanewayAdapterError);
      const root = makeModule(nest, { imports: [LaneModule.forRootAsync({ useFactory })] });
      await expect(start(root)).rejects.toThrow(LanewayAdapterError);
    });

    test('lifecycle hooks run at the baseline when the application is started there', async () => {
      const seen: string[] = [];
      class Hooked {
        onModuleInit(): void {
          seen.push(`init ${lane()}`);
        }
        onApplicationBootstrap(): void {
          seen.push(`bootstrap ${lane()}`);
        }
        onModuleDestroy(): void {
          seen.push(`destroy ${lane()}`);
        }
      }
      Injectable()(Hooked);
      await start(makeModule(nest, { imports: [laneModule], controllers: [named], providers: [Hooked] }));
      expect(await ask('/name')).toEqual(EXPECTED);
      await application?.close();
      expect(seen).toEqual(['init baseline', 'bootstrap baseline', 'destroy baseline']);
    });

    test('the lane headers of an untrusted sender do not reach a handler', async () => {
      const strict = defineLanes(lanes.policy, { trust: 'none' });
      await start(
        makeModule(nest, { imports: [LaneModule.forRoot({ lanes: strict })], controllers: [named] }),
      );
      expect(await ask('/name')).toEqual(['baseline', 'baseline', 'baseline']);
    });

    test('a lane that middleware sets is kept', async () => {
      const root = makeModule(nest, { imports: [laneModule], controllers: [named] });
      await start(root, {
        setUp: (app) =>
          app.use((_request: unknown, _response: unknown, next: () => void) =>
            lanes.run(lanes.current().set('version', 'dyed'), next),
          ),
      });
      expect(await ask('/name')).toEqual(['v2 dyed', 'baseline dyed', 'v3 dyed']);
    });

    test('requests that do not arrive through the server of the application: middleware of app.use runs at the baseline', async () => {
      const seen: string[] = [];
      const app = await start(makeModule(nest, { imports: [laneModule], controllers: [named] }), {
        setUp: (created) =>
          created.use((_request: unknown, _response: unknown, next: () => void) => {
            seen.push(lane());
            next();
          }),
      });
      const instance: unknown = app.getHttpAdapter().getInstance();
      if (platform === 'fastify') {
        const { inject } = instance as { inject(call: object): Promise<{ body: string }> };
        const answers = SENT.map(async (sentLane) => {
          const call = {
            method: 'GET',
            url: '/name',
            headers: sentLane === undefined ? {} : laneHeaders(sentLane),
          };
          return (await inject.call(instance, call)).body;
        });
        expect(await Promise.all(answers)).toEqual(EXPECTED);
      } else {
        const other = createServer(instance as never);
        const port = await listen(other);
        expect(await ask('/name', {}, `http://127.0.0.1:${port}`)).toEqual(EXPECTED);
        await close(other);
      }
      expect(seen).toEqual(['baseline', 'baseline', 'baseline']);
    });

    test.runIf(platform === 'fastify')('over HTTP/2', async () => {
      const root = makeModule(nest, { imports: [laneModule], controllers: [named] });
      await start(root, { fastify: { http2: true } });
      const session = http2.connect(application?.url ?? '');
      const answers = SENT.map((sentLane) =>
        text(session.request({ ':path': '/name', ...(sentLane && laneHeaders(sentLane)) })),
      );
      expect(await Promise.all(answers)).toEqual(EXPECTED);
      session.destroy();
    });
  });
}
