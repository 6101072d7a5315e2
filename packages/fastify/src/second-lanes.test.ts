import { defineLanes, type Lanes } from '@laneway/core';
import { contractLanes, laneHeaders, openWire } from '@laneway/testing';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fastifyLane } from './index.js';
import { versions } from './versions.fixture.js';

const lanes: Lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

describe.each(versions)('%s', (_name, framework) => {
  let app: FastifyInstance;
  beforeEach(() => {
    app = framework({ forceCloseConnections: true });
    warn.mockClear();
  });
  afterEach(() => app.close());

  const warnings = (): unknown[] =>
    warn.mock.calls.map(([, options]) => (options as { code?: string } | undefined)?.code);
  const send = async (path = '/'): Promise<string[]> => {
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const wire = openWire(Number(new URL(address).port));
    const headers = { ...laneHeaders('v2'), other: 'o' };
    const body = await wire.send(headers, undefined, path);
    wire.close();
    return [body, (await app.inject({ url: path, headers })).body];
  };

  test('a second registration, also inside another plugin, keeps the lane that was set before it', async () => {
    void app.register(fastifyLane(lanes));
    app.addHook('onRequest', (_request, _reply, done) =>
      lanes.run(lanes.current().set('version', 'dyed'), done),
    );
    void app.register(fastifyLane(lanes));
    void app.register(async (child) => {
      void child.register(fastifyLane(lanes));
      child.get('/', async (request) => `${name()} ${request.lane.name}`);
    });
    expect(await send()).toEqual(['dyed v2', 'dyed v2']);
    expect(warnings()).toEqual([]);
  });

  test('two registrations with different lanes: the first decides, the second emits a warning', async () => {
    const others = defineLanes({ key: 'other', carry: { headers: ['other'] } });
    void app.register(fastifyLane(lanes));
    void app.register(fastifyLane(others));
    app.get('/', async (request) => `${name()} ${request.lane.name}`);
    expect(await send()).toEqual(['v2 v2', 'v2 v2']);
    expect(warnings()).toEqual(['LANEWAY_SECOND_LANES']);
  });

  test('two sibling plugins with different lanes: the first decides, the second emits a warning', async () => {
    const others = defineLanes({ key: 'other', carry: { headers: ['other'] } });
    for (const [path, pluginLanes] of [
      ['/first', lanes],
      ['/second', others],
    ] as const)
      void app.register(async (child) => {
        void child.register(fastifyLane(pluginLanes));
        child.get(path, async () => name());
      });
    expect((await send('/second'))[0]).toBe('v2');
    expect(warnings()).toEqual(['LANEWAY_SECOND_LANES']);
  });
});
