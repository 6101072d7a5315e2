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

const OWN = ['v2', undefined, 'v3'];
const EXPECTED = ['v2', 'baseline', 'v3'];

/** Applications of every kind. */
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
    /** What is answered at a path to requests of several lanes. */
    const ask = (path: string, headers: object = {}, url = application?.url): Promise<string[]> =>
      Promise.all(
        OWN.map(async (own) => {
          const sent = { ...headers, ...(own && laneHeaders(own)) };
          return (await request(`${url}${path}`, { headers: sent })).body.text();
        }),
      );

    /** A controller that answers with the lane, and the header of its name. */
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

    test('several modules, one of which imports the lanes; a service is given them', async () => {
      class Service {
        constructor(readonly given: unknown) {}
      }
      Injectable()(Service);
      decorateParameters(Service, undefined, Inject(LANES));
      class Feature {
        readonly name: string = 'feature';
      }
      Module({ controllers: [named], providers: [Service] })(Feature);
      const app = await start(makeModule(nest, { imports: [Feature, laneModule] }));
      expect(await ask('/name')).toEqual(EXPECTED);
      expect(app.get(Service, { strict: false }).given).toBe(lanes);
      expect(app.get(LANES)).toBe(lanes);
    });

    test('imported twice, it does no harm', async () => {
      class Feature {
        readonly name: string = 'feature';
      }
      Module({ imports: [LaneModule.forRoot({ lanes })], controllers: [named] })(Feature);
      await start(makeModule(nest, { imports: [Feature, LaneModule.forRoot({ lanes })] }));
      expect(await ask('/name')).toEqual(EXPECTED);
    });

    test('forRootAsync: lanes that are made of other providers', async () => {
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

    test('what is no lanes is refused, with what to hand instead', async () => {
      const useFactory = (): { lanes: never } => ({ lanes: {} as never });
      expect(() => LaneModule.forRoot(useFactory())).toThrow(LanewayAdapterError);
      const root = makeModule(nest, { imports: [LaneModule.forRootAsync({ useFactory })] });
      await expect(start(root)).rejects.toThrow(LanewayAdapterError);
    });

    test('lifecycle hooks are at the baseline, or in the lane that the application is started in', async () => {
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

    test("a stranger's lane headers do not reach a handler", async () => {
      const strict = defineLanes(lanes.policy, { trust: 'none' });
      await start(
        makeModule(nest, { imports: [LaneModule.forRoot({ lanes: strict })], controllers: [named] }),
      );
      expect(await ask('/name')).toEqual(['baseline', 'baseline', 'baseline']);
    });

    test('a lane that middleware changes stays changed', async () => {
      const root = makeModule(nest, { imports: [laneModule], controllers: [named] });
      await start(root, {
        setUp: (app) =>
          app.use((_request: unknown, _response: unknown, next: () => void) =>
            lanes.run(lanes.current().set('version', 'dyed'), next),
          ),
      });
      expect(await ask('/name')).toEqual(['v2 dyed', 'baseline dyed', 'v3 dyed']);
    });

    test('requests that another server brings; what app.use was handed comes before the lane there', async () => {
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
        const answers = OWN.map(async (own) => {
          const call = { method: 'GET', url: '/name', headers: own === undefined ? {} : laneHeaders(own) };
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
      const answers = OWN.map((own) =>
        text(session.request({ ':path': '/name', ...(own && laneHeaders(own)) })),
      );
      expect(await Promise.all(answers)).toEqual(EXPECTED);
      session.destroy();
    });
  });
}
