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

/** A request that arrives: `run` calls a function for it, as a framework does, from wherever it is called itself. */
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

describe.each(['v2', 'baseline'])('a function is called for a request of %s', (own) => {
  test('from its own context: there', () => {
    const { enter, run } = arrive(own);
    enter(() => {
      const active = context.active();
      run(() => expect(context.active()).toBe(active));
      expect(name()).toBe(own);
    });
  });

  test.each(['v3', 'baseline'])('from the context of a request of %s: in its own', (other) => {
    const [first, second] = [arrive(own), arrive(other)];
    first.enter(() => {});
    second.enter(() => expect(first.run(name)).toBe(own));
  });

  test('from the lane that another request was given, by its own code: in its own', async () => {
    const [first, second] = [arrive(own), arrive('baseline')];
    first.enter(() => {});
    await second.enter(() => dye(() => second.run(() => later(() => expect(first.run(name)).toBe(own)))));
  });

  test('from the lane of a job: in its own', async () => {
    const job = lanes.run(BASELINE.set('version', 'job'), () => lanes.bind((fn: () => unknown) => fn()));
    const { enter, run } = arrive(own);
    enter(() => {});
    expect(job(() => run(name))).toBe(own);
  });

  test('from the lane of a job that started after it: in its own', () => {
    const { enter, run } = arrive(own);
    enter(() => {});
    lanes.run(BASELINE.set('version', 'job'), () => expect(run(name)).toBe(own));
  });

  test('from the baseline that another request started: in its own', () => {
    const [first, second] = [arrive(own), arrive('v3')];
    first.enter(() => {});
    second.enter(() => lanes.baseline(() => expect(first.run(name)).toBe(own)));
  });

  test('from the baseline that it started itself, such as a connection: in its own', () => {
    const { enter, run } = arrive(own);
    enter(() => lanes.baseline(() => expect(run(name)).toBe(own)));
  });

  test('from a lane that its own code set: there, now and later, and with a span', async () => {
    const { enter, run } = arrive(own);
    await enter(() =>
      dye(async () => {
        expect(run(name)).toBe('dyed');
        await later(() => expect(run(name)).toBe('dyed'));
        inSpan(() => expect(run(() => [name(), context.active().getValue(SPAN)])).toEqual(['dyed', 'span']));
      }),
    );
  });

  test('from a lane that its own code set after an await, and not before: there', async () => {
    const { enter, run } = arrive(own);
    await enter(() => later(() => dye(() => later(() => expect(run(name)).toBe('dyed')))));
  });

  test('from a lane that its own code set to a constant which others set too: there', async () => {
    const constant = BASELINE.set('version', 'constant');
    const all = [arrive(own), arrive(own), arrive(own)].map(({ enter, run }) =>
      enter(() => lanes.run(constant, () => later(() => run(name)))),
    );
    expect(await Promise.all(all)).toEqual(['constant', 'constant', 'constant']);
  });

  test('from elsewhere, behind the code that set a lane: in that lane', async () => {
    const [first, second] = [arrive(own), arrive('v3')];
    first.enter(() => dye(() => first.run(() => {})));
    second.enter(() => expect(first.run(name)).toBe('dyed'));
  });

  test('from the baseline that its own code set: there', async () => {
    const { enter, run } = arrive(own);
    await enter(() =>
      lanes.run(BASELINE, async () => {
        expect(run(name)).toBe('baseline');
        await later(() => expect(run(name)).toBe('baseline'));
      }),
    );
  });

  test('from a span of its own: there, and the request stays where it is', () => {
    const { enter, run } = arrive(own);
    enter(() => {
      const active = context.active();
      inSpan(() => run(() => expect([name(), context.active().getValue(SPAN)]).toEqual([own, 'span'])));
      context.with(context.active().deleteValue(SPAN), () => {});
      arrive('v3').enter(() => run(() => expect(context.active()).toBe(active)));
    });
  });
});

test('requests that set their lanes late, at once, and share a connection: none is in the lane of another', async () => {
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
