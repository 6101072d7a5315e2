import { EventEmitter, once } from 'node:events';
import { BASELINE, defineLanes, type LaneContext, type Lanes } from '@laneway/core';
import { afterEach, describe, expect, test } from 'vitest';
import { contractLanes, laneBaggage, laneHeaders, takeTurns } from './contract-policy.js';
import { collectDrops } from './drops.js';
import { sourceTests } from './source-contract.js';
import type { Handle, HandleStream, InboundServer, InboundSubject, Middleware } from './inbound-subject.js';
import { openStream } from './open-stream.js';
import { openSharedConnection, type SharedConnection } from './shared-connection.js';

/**
 * The contract that every inbound adapter passes against its real framework.
 *
 * @example
 * inboundContract({ name: 'express 5', start: async (lanes, handle) => ({ send, close }) });
 */
export function inboundContract(subject: InboundSubject): void {
  describe(`inbound contract: ${subject.name}`, () => {
    const lanes = contractLanes();
    let server: { close(): Promise<void> } | undefined;
    const start = async (handle: Handle): Promise<InboundServer> => startWith(lanes, handle);
    const startWith = async (
      serverLanes: Lanes,
      handle: Handle,
      middleware?: Middleware,
    ): Promise<InboundServer> => {
      const started = await subject.start(serverLanes, handle, middleware);
      server = started;
      return started;
    };
    afterEach(() => server?.close());

    const sentHeaders = (): Record<string, string> =>
      lanes.attach(undefined, { to: 'http://helloworld:5000' }) ?? {};
    const name = (): string => lanes.current().name ?? 'baseline';

    test('propagates: the handler runs in the lane of its request, byte for byte', async () => {
      const { send } = await start(() => JSON.stringify(sentHeaders()));
      const answer = await send(laneHeaders('v2'));
      expect(JSON.parse(answer.body)).toEqual({
        version: 'v2',
        'appver-a': 'v2',
        baggage: laneBaggage('v2'),
      });
    });

    test('absent: a request without a lane runs at the baseline', async () => {
      const { send } = await start(() => String(lanes.current() === BASELINE));
      expect((await send({})).body).toBe('true');
    });

    test('absent: the baseline does not inherit the lane that the server was started in', async () => {
      const { send } = await lanes.run(lanes.capture(laneHeaders('starter')), () => start(name));
      expect((await send({})).body).toBe('baseline');
      expect((await send(laneHeaders('v2'))).body).toBe('v2');
    });

    test('malformed: the request is served, valid entries are carried, others are dropped with a reason', async () => {
      const { send } = await start(() => sentHeaders().baggage ?? '');
      const drops = await collectDrops(async () => {
        const answer = await send({ baggage: 'a=1,no value,__proto__=x,b="quoted",=empty,c=3' });
        expect(answer).toEqual({ ok: true, body: 'a=1,__proto__=x,c=3' });
      });
      expect(drops.map(({ reason, direction }) => `${direction} ${reason}`)).toEqual(
        Array.from({ length: 3 }, () => 'capture malformed'),
      );
    });

    test('error path: the framework handles the error in the lane of the request, and the next request is not affected', async () => {
      const seen: string[] = [];
      const { send } = await start(async (body) => {
        await takeTurns(1);
        seen.push(name());
        if (body === 'fail') throw new Error('the handler failed');
        return name();
      });
      expect((await send(laneHeaders('v2'), 'fail')).ok).toBe(false);
      expect(await send({}, 'fine')).toEqual({ ok: true, body: 'baseline' });
      expect(seen).toEqual(['v2', 'baseline']);
    });

    test('nested: run, baseline and bind inside a handler restore the lane afterwards', async () => {
      const { send } = await start(async () => {
        const inner = await lanes.run(lanes.current().set('version', 'v3'), async () => {
          await takeTurns(2);
          return name();
        });
        const bound = lanes.bind(name);
        const outside = lanes.baseline(name);
        const back = lanes.baseline(() => bound());
        return [name(), inner, outside, back, name()].join(' ');
      });
      expect((await send(laneHeaders('v2'))).body).toBe('v2 v3 baseline v2 v2');
    });

    test('survives body parsing: the lane is kept after a body in many pieces', async () => {
      const { send } = await start((body) => `${body.length} ${name()}`);
      const body = 'x'.repeat(512 * 1024);
      const answers = await Promise.all([
        send(laneHeaders('v2'), body),
        send({}, body),
        send(laneHeaders('v3'), body),
      ]);
      expect(answers.map((answer) => answer.body)).toEqual([
        `${body.length} v2`,
        `${body.length} baseline`,
        `${body.length} v3`,
      ]);
    });

    test('50 interleaved lanes: no handler runs in a wrong lane', async () => {
      const { send } = await start(async (body) => {
        const before = name();
        await takeTurns(Number(body));
        return `${before} ${name()}`;
      });
      const calls = Array.from({ length: 200 }, async (_, index) => {
        const lane = index % 4 === 3 ? 'baseline' : `v${index % 50}`;
        const { body } = await send(lane === 'baseline' ? {} : laneHeaders(lane), String(index));
        return body === `${lane} ${lane}` ? 'right' : `${lane}: ${body}`;
      });
      expect(new Set(await Promise.all(calls))).toEqual(new Set(['right']));
    });

    test.each(['another lane', 'the lane of the first request', 'no lane'])(
      'next is called from the callback of a shared connection, opened in %s: every handler runs in the lane of its request',
      async (opener) => {
        let opened: Promise<SharedConnection> | undefined;
        const open = (): Promise<SharedConnection> => (opened ??= openSharedConnection());
        if (opener === 'another lane') await lanes.run(lanes.capture(laneHeaders('connection')), open);
        if (opener === 'no lane') await open();
        const query = async (callback: () => void): Promise<void> => (await open()).query(callback);
        let isCalled = false;
        const middleware: Middleware = (next) => {
          isCalled = true;
          void query(next);
        };
        const handle: Handle = async () => {
          // Without middleware, the handler itself waits for the connection.
          const before = name();
          if (!isCalled) await new Promise<void>((done) => void query(done));
          return `${before} ${name()}`;
        };
        const { send } = await startWith(lanes, handle, middleware);
        const calls = Array.from({ length: 20 }, async (_, index) => {
          const lane = index % 4 === 3 ? 'baseline' : `v${index}`;
          const { body } = await send(lane === 'baseline' ? {} : laneHeaders(lane), 'x');
          return body === `${lane} ${lane}` ? 'right' : `${lane}: ${body}`;
        });
        const answers = await Promise.all(calls);
        await (await open()).close();
        expect(new Set(answers)).toEqual(new Set(['right']));
      },
    );

    test('baseline after the response: a timer that was started before the request stays at the baseline', async () => {
      const seen: (LaneContext | string)[] = [];
      let report = (): void => {};
      const background = new Promise<void>((done) => {
        report = () => {
          seen.push(lanes.current());
          done();
        };
      });
      const ticker = setInterval(() => seen.length === 1 && report(), 1);
      const { send } = await start(() => {
        seen.push(name());
        return name();
      });
      await send(laneHeaders('v2'));
      await background;
      clearInterval(ticker);
      expect(seen).toEqual(['v2', BASELINE]);
      expect(lanes.current()).toBe(BASELINE);
    });

    test('several baggage headers are combined', async () => {
      const { send } = await start(() => sentHeaders().baggage ?? '');
      expect((await send({ baggage: ['a=1', 'b=2;p'] })).body.replaceAll(' ', '')).toBe('a=1,b=2;p');
    });

    test('untrusted: the handler runs at the baseline and receives no lane headers', async () => {
      const strict = defineLanes({ ...lanes.policy, trust: 'none' });
      const { send } = await startWith(strict, (_body, headers = {}) => {
        const plain = headers instanceof Headers ? Object.fromEntries(headers) : headers;
        const forwarded = Object.keys(plain).filter((key) => key.toLowerCase() in laneHeaders('v2'));
        return JSON.stringify([strict.current() === BASELINE, forwarded]);
      });
      const drops = await collectDrops(async () => {
        expect((await send(laneHeaders('v2'))).body).toBe('[true,[]]');
        expect((await send({})).body).toBe('[true,[]]');
      });
      expect(drops.map(({ reason, direction }) => `${direction} ${reason}`)).toEqual(['capture untrusted']);
    });

    sourceTests(startWith);

    test.runIf(subject.startStream)(
      'a response that stays open: every write and the close run in the lane of the request',
      async () => {
        const closed: string[] = [];
        const ends = new EventEmitter();
        const handle: HandleStream = ({ write, onClose }) => {
          const timer = setInterval(() => write(`data: ${name()}\n\n`), 1);
          onClose(() => {
            clearInterval(timer);
            closed.push(name());
            ends.emit('end');
          });
        };
        const open = await lanes.run(lanes.capture(laneHeaders('starter')), () =>
          subject.startStream?.(lanes, handle),
        );
        server = open;
        const port = open?.port ?? 0;
        const readers = await Promise.all(['v2', 'baseline', 'v3'].map((lane) => openStream(port, lane)));
        // Interleaved: each response is written while the others are open.
        for (let i = 0; i < 3; i++)
          for (const reader of readers) expect(await reader.read()).toBe(`data: ${reader.lane}\n\n`);
        for (const [index, reader] of readers.entries()) {
          reader.disconnect();
          if (closed.length === index) await once(ends, 'end');
        }
        expect(closed).toEqual(readers.map(({ lane }) => lane));
        const later = await openStream(port, 'baseline');
        expect(await later.read()).toBe('data: baseline\n\n');
        later.disconnect();
        await once(ends, 'end');
        expect(lanes.current()).toBe(BASELINE);
      },
    );
  });
}
