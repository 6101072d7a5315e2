import { createServer, type Server } from 'node:http';
import { defineLanes, type Lanes } from '@laneway/core';
import { nodeHttpLane } from '@laneway/node-http';
import { close, contractLanes, laneHeaders, listen, openWire } from '@laneway/testing';
import Koa from 'koa';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { koaLane } from './index.js';

const lanes: Lanes = contractLanes();
const others: Lanes = defineLanes({ key: 'other', carry: { headers: ['other'] } });
const name = (): string => lanes.current().name ?? 'baseline';
const dye: Koa.Middleware = (_ctx, next) => lanes.run(lanes.current().set('version', 'dyed'), next);
const answer: Koa.Middleware = (ctx) => {
  ctx.body = name();
};

let app: Koa;
let server: Server;
const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
const start = (): Server => {
  const listener = app.callback();
  return (server = createServer((request, response) => void listener(request, response)));
};
const send = async (): Promise<string> => {
  const wire = openWire(await listen(server));
  const body = await wire.send({ ...laneHeaders('v2'), other: 'o' });
  wire.close();
  return body;
};
beforeEach(() => {
  app = new Koa();
  warn.mockClear();
});
afterEach(() => close(server));

test('a second koaLane keeps the lane that was set before it', async () => {
  app.use(koaLane(lanes)).use(dye).use(koaLane(lanes)).use(answer);
  start();
  expect(await send()).toBe('dyed');
  expect(warn).not.toHaveBeenCalled();
});

test('on a server with nodeHttpLane', async () => {
  app.use(dye).use(koaLane(lanes)).use(answer);
  nodeHttpLane(start(), lanes);
  expect(await send()).toBe('dyed');
  expect(warn).not.toHaveBeenCalled();
});

test('two with different lanes: the first decides, the second emits a warning', async () => {
  app.use(koaLane(lanes)).use(koaLane(others)).use(answer);
  start();
  expect(await send()).toBe('v2');
  expect(warn).toHaveBeenCalledOnce();
  expect(warn.mock.calls[0]?.[1]).toMatchObject({ code: 'LANEWAY_SECOND_LANES' });
});
