import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { BASELINE, defineLanes } from '@laneway/core';
import { close, contractLanes, laneHeaders, listen } from '@laneway/testing';
import { context, createContextKey } from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { enterRequest, nodeHttpLane, runBound } from './index.js';

const lanes = contractLanes();
const name = (): string => lanes.current().name ?? 'baseline';
const SPAN = createContextKey('span');

/** Creates a request. `enter` runs a function as an adapter does; `run` runs one as a framework does, from any context. */
function arrive(lane: string): { run<T>(fn: () => T): T; enter<T>(fn: () => T): T } {
  const request = new IncomingMessage(new Socket());
  if (lane !== 'baseline') Object.assign(request.headers, laneHeaders(lane));
  const response = new ServerResponse(request);
  return {
    run: (fn) => runBound(request, fn),
    enter: (fn) => enterRequest(lanes, request, response, fn),
  };
}

const dye = <T>(fn: () => T): T => lanes.run(lanes.current().set('version', 'dyed'), fn);
const inSpan = <T>(fn: () => T): T => context.with(context.active().setValue(SPAN, 'span'), fn);
const later = <T>(fn: () => T): Promise<T> => new Promise((done) => void setImmediate(() => done(fn())));

describe.each(['v2', 'baseline'])('a function of a request in %s', (lane) => {
  test('called from the request: in the same context', () => {
    const { enter, run } = arrive(lane);
    enter(() => {
      const active = context.active();
      run(() => expect(context.active()).toBe(active));
      expect(name()).toBe(lane);
    });
  });

  test.each(['v3', 'baseline'])('called from another request, in %s: in the lane of its request', (other) => {
    const [first, second] = [arrive(lane), arrive(other)];
    first.enter(() => {});
    second.enter(() => expect(first.run(name)).toBe(lane));
  });

  test('called from a lane that the code of another request set: in the lane of its request', async () => {
    const [first, second] = [arrive(lane), arrive('baseline')];
    first.enter(() => {});
    await second.enter(() => dye(() => second.run(() => later(() => expect(first.run(name)).toBe(lane)))));
  });

  test('called from a job that started before its request: in the lane of its request', async () => {
    const job = lanes.run(BASELINE.set('version', 'job'), () => lanes.bind((fn: () => unknown) => fn()));
    const { enter, run } = arrive(lane);
    enter(() => {});
    expect(job(() => run(name))).toBe(lane);
  });

  test('called from a job that started after its request: in the lane of its request', () => {
    const { enter, run } = arrive(lane);
    enter(() => {});
    lanes.run(BASELINE.set('version', 'job'), () => expect(run(name)).toBe(lane));
  });

  test('called from `baseline` in another request: in the lane of its request', () => {
    const [first, second] = [arrive(lane), arrive('v3')];
    first.enter(() => {});
    second.enter(() => lanes.baseline(() => expect(first.run(name)).toBe(lane)));
  });

  test('called from `baseline` in its request, such as a shared connection: in the lane of its request', () => {
    const { enter, run } = arrive(lane);
    enter(() => lanes.baseline(() => expect(run(name)).toBe(lane)));
  });

  test('called from a lane that the code of its request set: in that lane, now and later, and with a span', async () => {
    const { enter, run } = arrive(lane);
    await enter(() =>
      dye(async () => {
        expect(run(name)).toBe('dyed');
        await later(() => expect(run(name)).toBe('dyed'));
        inSpan(() => expect(run(() => [name(), context.active().getValue(SPAN)])).toEqual(['dyed', 'span']));
      }),
    );
  });

  test('called from a lane that the code of its request set after an await: in that lane', async () => {
    const { enter, run } = arrive(lane);
    await enter(() => later(() => dye(() => later(() => expect(run(name)).toBe('dyed')))));
  });

  test('called from a lane that the code of several requests set: in that lane', async () => {
    const constant = BASELINE.set('version', 'constant');
    const all = [arrive(lane), arrive(lane), arrive(lane)].map(({ enter, run }) =>
      enter(() => lanes.run(constant, () => later(() => run(name)))),
    );
    expect(await Promise.all(all)).toEqual(['constant', 'constant', 'constant']);
  });

  test('called from another request, after a function of its request ran in a new lane: in the new lane', async () => {
    const [first, second] = [arrive(lane), arrive('v3')];
    first.enter(() => dye(() => first.run(() => {})));
    second.enter(() => expect(first.run(name)).toBe('dyed'));
  });

  test('called from `run(BASELINE)` in its request: at the baseline', async () => {
    const { enter, run } = arrive(lane);
    await enter(() =>
      lanes.run(BASELINE, async () => {
        expect(run(name)).toBe('baseline');
        await later(() => expect(run(name)).toBe('baseline'));
      }),
    );
  });

  test('called from a span of its request: in the span; later calls run without it', () => {
    const { enter, run } = arrive(lane);
    enter(() => {
      const active = context.active();
      inSpan(() => run(() => expect([name(), context.active().getValue(SPAN)]).toEqual([lane, 'span'])));
      context.with(context.active().deleteValue(SPAN), () => {});
      arrive('v3').enter(() => run(() => expect(context.active()).toBe(active)));
    });
  });
});

test('requests that set their lanes after an await and share a connection: each stays in its lane', async () => {
  const waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  const all = Array.from({ length: 10 }, (_, index) => {
    const { enter, run } = arrive('baseline');
    return enter(async () => {
      await later(() => {});
      return lanes.run(BASELINE.set('version', `late${index}`), async () => {
        await later(() => {});
        return run(() => {
          timer ??= setInterval(() => waiting.shift()?.(), 1);
          return new Promise<string>((done) => waiting.push(() => done(run(name))));
        });
      });
    });
  });
  const seen = await Promise.all(all);
  clearInterval(timer);
  expect(seen).toEqual(seen.map((_, index) => `late${index}`));
});

describe('two adapters on one request', () => {
  const other = defineLanes({ key: 'x-lane', carry: { headers: ['x-lane'], baggage: ['*'] } });
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  afterEach(() => warn.mockClear());

  test('the lane is captured once; a lane that was set in between is kept', () => {
    const { enter } = arrive('v2');
    enter(() => {
      dye(() => enter(() => expect(name()).toBe('dyed')));
      enter(() => expect(name()).toBe('v2'));
    });
    expect(warn).not.toHaveBeenCalled();
  });

  test('with different lanes, the first decides, and a warning says so once', async () => {
    const seen: unknown[] = [];
    const server = createServer((_request, response) => {
      seen.push(lanes.current().name, other.current() === lanes.current());
      response.end();
    });
    nodeHttpLane(nodeHttpLane(server, other), lanes);
    const port = await listen(server);
    for (let i = 0; i < 2; i++)
      await fetch(`http://127.0.0.1:${port}/`, { headers: { version: 'v2', 'x-lane': 'x' } });
    await close(server);
    expect(seen).toEqual(['v2', true, 'v2', true]);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]).toEqual([
      expect.stringMatching(/different lanes.*key "version".*key "x-lane"/),
      expect.objectContaining({ code: 'LANEWAY_SECOND_LANES' }),
    ]);
  });
});
