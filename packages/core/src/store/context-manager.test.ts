import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { type ContextManager, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, describe, expect, test } from 'vitest';
import { LaneContextManager } from './context-manager.js';

const key = createContextKey('name');
const named = (name: string): typeof ROOT_CONTEXT => ROOT_CONTEXT.setValue(key, name);

// OpenTelemetry's instrumentations rely on the behaviour of its context manager, so ours passes the same tests.
describe.each<[string, () => ContextManager]>([
  ['Laneway', () => new LaneContextManager()],
  ['OpenTelemetry', () => new AsyncLocalStorageContextManager()],
])('the context manager of %s', (library, make) => {
  const manager = make().enable();
  const name = (): unknown => manager.active().getValue(key);
  const inside = <T>(context: string, fn: () => T): T => manager.with(named(context), fn);
  afterEach(() => expect(manager.active()).toBe(ROOT_CONTEXT));

  test('with: this, arguments, result, error, nesting and continuations', async () => {
    const self = { name: 'self' };
    const fn = function (this: unknown, ...args: number[]): unknown[] {
      return [this, name(), ...args];
    };
    expect(manager.with(named('a'), fn, self, 1, 2)).toEqual([self, 'a', 1, 2]);
    expect(manager.with(named('a'), fn, undefined, 1)[1]).toBe('a');
    const error = new Error('from fn');
    expect(() => inside('a', () => { throw error; })).toThrow(error); // prettier-ignore
    await inside('a', async () => {
      expect(inside('b', name)).toBe('b');
      await turn();
      expect(name()).toBe('a');
      await inside('b', () => turn());
      expect(name()).toBe('a');
    });
  });

  test('bind: a function keeps its context, this, arguments and length; other values are returned as they are', () => {
    const bound = manager.bind(named('a'), function (this: unknown, one: number, two: number) {
      return [this, name(), one, two];
    });
    const self = { bound };
    expect(bound).toHaveLength(2);
    expect(inside('b', () => self.bound(1, 2))).toEqual([self, 'a', 1, 2]);
    for (const value of [undefined, null, 1, 'x', self]) expect(manager.bind(named('a'), value)).toBe(value);
  });

  test('disable drops the context; after enable, contexts work again', () => {
    inside('a', () => {
      expect(manager.disable()).toBe(manager);
      expect(manager.active()).toBe(ROOT_CONTEXT);
    });
    expect(manager.enable()).toBe(manager);
    expect(inside('a', name)).toBe('a');
  });

  describe('bind: an emitter', () => {
    const methods = ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener'] as const;
    const removers = ['off', 'removeListener'] as const;

    test.each(methods)(
      '%s: a listener that is added later runs in the context, with this and arguments',
      (method) => {
        const emitter = new EventEmitter();
        const seen: unknown[] = [];
        emitter.on('x', () => seen.push(['before', name()]));
        expect(manager.bind(named('a'), emitter)).toBe(emitter);
        expect(
          emitter[method]('x', function (this: unknown, ...args: unknown[]) {
            seen.push([this === emitter, name(), ...args]);
          }),
        ).toBe(emitter);
        inside('b', () => emitter.emit('x', 1, 2));
        const expected = [['before', 'b'], [true, 'a', 1, 2]]; // prettier-ignore
        expect(seen).toEqual(method.startsWith('prepend') ? expected.toReversed() : expected);
        emitter.emit('x');
        expect(seen).toHaveLength(/once/i.test(method) ? 3 : 4);
        expect(emitter.listenerCount('x')).toBe(/once/i.test(method) ? 1 : 2);
      },
    );

    test.each(methods.flatMap((method) => removers.map((remove) => [method, remove] as const)))(
      '%s, %s: removes a bound listener, and one that was added before bind',
      (method, remove) => {
        const emitter = new EventEmitter();
        const listener = (): void => expect.fail('called, but it was removed');
        emitter.on('before', listener);
        manager.bind(named('a'), emitter);
        emitter[method]('x', listener);
        expect(emitter[remove]('x', listener)).toBe(emitter);
        expect(emitter[remove]('x', () => {})).toBe(emitter);
        emitter[remove]('before', listener);
        emitter.emit('x');
        emitter.emit('before');
        expect(emitter.eventNames()).toEqual([]);
      },
    );

    test('removeAllListeners of one event and of all; a listener that is added after it is bound again', () => {
      const emitter = manager.bind(named('a'), new EventEmitter());
      const seen: unknown[] = [];
      const listener = (): void => void seen.push(name());
      emitter.on('x', listener).on('y', listener);
      emitter.removeAllListeners('x');
      expect(emitter.eventNames()).toEqual(['y']);
      emitter.removeAllListeners();
      expect(emitter.eventNames()).toEqual([]);
      emitter.on('x', listener).emit('x');
      emitter.off('x', listener).emit('x');
      expect(seen).toEqual(['a']);
    });

    test('an emitter that is bound twice keeps the first context', () => {
      const emitter = manager.bind(named('b'), manager.bind(named('a'), new EventEmitter()));
      const seen: unknown[] = [];
      emitter.once('x', () => seen.push(name()));
      emitter.emit('x');
      expect(seen).toEqual(['a']);
    });

    test('events.once, and a listener that throws', async () => {
      const emitter = manager.bind(named('a'), new EventEmitter());
      const waited = once(emitter, 'x');
      emitter.emit('x', 1);
      expect(await waited).toEqual([1]);
      expect(emitter.eventNames()).toEqual([]);
      emitter.on('x', () => expect.fail('from the listener'));
      expect(() => emitter.emit('x')).toThrow('from the listener');
    });

    test('a stream: data, pipe, end', async () => {
      const stream = manager.bind(named('a'), new PassThrough());
      const seen: unknown[] = [];
      stream.on('data', () => seen.push(name())).on('end', () => seen.push(name()));
      inside('b', () => stream.end('x'));
      await once(stream, 'close');
      expect(seen).toEqual(['a', 'a']);
      const target = new PassThrough();
      manager.bind(named('a'), new PassThrough()).pipe(target).unpipe(target);
    });

    test('a connection, whose events come from the network', async () => {
      const server = createServer((socket) => socket.end('body')).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const seen: unknown[] = [];
      await new Promise<void>((done) => {
        const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
        manager.bind(named('a'), socket);
        socket.once('connect', () => seen.push(name()));
        socket.on('data', () => seen.push(name()));
        socket.on('close', () => (seen.push(name()), done()));
      });
      server.close();
      expect(seen).toEqual(['a', 'a', 'a']);
    });
  });

  // OpenTelemetry's manager removes only the last one of a listener that was added several times.
  test.runIf(library === 'Laneway')(
    'a listener that is added several times, before and after bind, is removed as many times',
    () => {
      const emitter = new EventEmitter();
      const listener = (): void => {};
      emitter.on('x', listener);
      manager.bind(named('a'), emitter);
      emitter.on('x', listener).on('x', listener).once('x', listener);
      for (let count = 4; count > 0; count--) {
        expect(emitter.listenerCount('x')).toBe(count);
        emitter.off('x', listener);
      }
      expect(emitter.eventNames()).toEqual([]);
    },
  );
});
