import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { context, createContextKey, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { afterAll, describe, expect, test } from 'vitest';
import { attachChannel, BASELINE, captureChannel, defineLanes, snapshot } from '../index.js';

const collectGarbage = findCollector();

const lanes = defineLanes({ key: 'lane', carry: { headers: ['version'], baggage: ['*'] } });
const lane = (name: string): ReturnType<typeof lanes.capture> =>
  lanes.capture({ version: name, baggage: `lane=${name};p` });
const out = (policy = lanes): Record<string, string> | undefined =>
  policy.attach(undefined, { to: 'localhost' });
const name = (): string | undefined => lanes.current().name;

afterAll(() => context.disable());

describe('keeping a lane', () => {
  test('run, through every kind of continuation, and out again', async () => {
    expect(lanes.current()).toBe(BASELINE);
    const seen = await lanes.run(lane('v2'), async () => {
      const names = [name()];
      await turn();
      names.push(name());
      names.push(await new Promise<string | undefined>((done) => void setTimeout(() => done(name()), 1)));
      queueMicrotask(() => names.push(name()));
      await turn();
      return names;
    });
    expect(seen).toEqual(['v2', 'v2', 'v2', 'v2']);
    expect(lanes.current()).toBe(BASELINE);
  });

  test('run replaces the lane, baseline removes it, and both restore it', () => {
    lanes.run(lane('a'), () => {
      lanes.run(lane('b'), () =>
        expect([name(), out()]).toEqual(['b', { version: 'b', baggage: 'lane=b;p' }]),
      );
      lanes.run(lanes.capture({ version: 'c' }), () => expect(out()).toEqual({ version: 'c' }));
      expect(
        lanes.baseline(() => [lanes.current(), propagation.getBaggage(context.active()), out()]),
      ).toEqual([BASELINE, undefined, undefined]);
      lanes.run(BASELINE, () => expect(lanes.current()).toBe(BASELINE));
      expect(name()).toBe('a');
    });
  });

  test('run returns what fn returns, and throws what it throws', () => {
    expect(lanes.run(lane('a'), () => 7)).toBe(7);
    const error = new Error('from fn');
    expect(() => lanes.run(lane('a'), () => { throw error; })).toThrow(error); // prettier-ignore
    expect(lanes.current()).toBe(BASELINE);
  });

  test.each([
    ['all baggage', lanes, false],
    ['all baggage, with spans', lanes, true],
    ['some baggage', defineLanes({ key: 'lane', carry: { baggage: ['lane'] } }), true],
  ])(
    'lane after lane without leaving any: no chain of contexts, and old lanes are freed: %s',
    async (_, policy, spans) => {
      const key = createContextKey('span');
      const old: WeakRef<object>[] = [];
      const kept = await new Promise<number>((done) => {
        let round = 0;
        const next = (): void => {
          expect(context.active().getValue(key)).toBe(spans && round > 0 ? round : undefined);
          if (++round > 20_000) {
            // Still in the last lane, which must not keep the others.
            collectGarbage();
            return done(old.filter((ref) => ref.deref() !== undefined).length);
          }
          const fresh = policy.capture({ version: 'v', baggage: `lane=v${round}` });
          if (round % 1000 === 0) old.push(new WeakRef(fresh));
          const goOn = (): void => void setImmediate(next);
          const enter = (): void =>
            !spans && round % 3 === 0 ? policy.baseline(goOn) : policy.run(fresh, goOn);
          if (spans) context.with(context.active().setValue(key, round), enter);
          else enter();
        };
        next();
      });
      expect(kept).toBeLessThan(3);
    },
  );

  test('bind and snapshot keep the lane of their moment, this and arguments', () => {
    const [bound, enter] = lanes.run(lane('a'), () => [
      lanes.bind(function (this: unknown, ...args: number[]) {
        return [this, name(), ...args];
      }),
      snapshot(),
    ]);
    const self = { bound };
    expect(self.bound(1, 2)).toEqual([self, 'a', 1, 2]);
    lanes.run(lane('b'), () => expect(enter((x: number) => [name(), x], 1)).toEqual(['a', 1]));
    const free = lanes.bind(name);
    expect(lanes.run(lane('b'), () => free())).toBeUndefined();
  });

  test('keeps other things in the context, such as spans', () => {
    const key = createContextKey('span');
    context.with(ROOT_CONTEXT.setValue(key, 'span'), () => {
      lanes.run(lane('a'), () => {
        expect(context.active().getValue(key)).toBe('span');
        expect(lanes.baseline(() => context.active().getValue(key))).toBe('span');
      });
    });
  });

  test('setting a value in a context keeps the lane, deleting it removes the value', () => {
    const key = createContextKey('other');
    lanes.run(lane('a'), () => {
      const more = context.active().setValue(key, 1);
      expect(context.with(more, () => [name(), out(), more.getValue(key)])).toEqual([
        'a',
        { version: 'a', baggage: 'lane=a;p' },
        1,
      ]);
      const less = propagation.deleteBaggage(more).deleteValue(key);
      expect(context.with(less, () => [name(), less.getValue(key), propagation.getBaggage(less)])).toEqual([
        'a',
        undefined,
        undefined,
      ]);
      expect(context.with(ROOT_CONTEXT, name)).toBeUndefined();
    });
  });

  test('entering the same lane again from another place keeps that place', () => {
    const key = createContextKey('span');
    const laneA = lane('a');
    for (const span of ['one', 'two', 'one'])
      context.with(ROOT_CONTEXT.setValue(key, span), () => {
        lanes.run(laneA, () => expect([name(), context.active().getValue(key)]).toEqual(['a', span]));
      });
  });
});

describe("with OpenTelemetry's baggage", () => {
  const set = (entries: Record<string, { value: string }>): ReturnType<typeof context.active> =>
    propagation.setBaggage(context.active(), propagation.createBaggage(entries));

  test('the lane is visible there', () => {
    lanes.run(lane('v2'), () => {
      const baggage = propagation.getBaggage(context.active());
      expect(baggage?.getEntry('lane')?.value).toBe('v2');
      expect(baggage?.getEntry('lane')?.metadata?.toString()).toBe('p');
      expect(baggage?.getAllEntries().map(([key]) => key)).toEqual(['lane']);
    });
  });

  test('baggage that is set there is sent too, and other members stay byte for byte', () => {
    lanes.run(lanes.capture({ version: 'v2', baggage: 'lane = v2 ; p,user=%41' }), () => {
      context.with(set({ user: { value: 'A' }, extra: { value: 'ü' } }), () => {
        expect(out()).toEqual({ version: 'v2', baggage: 'lane = v2 ; p,user=%41,extra=%C3%BC' });
        expect(lanes.current()).toBe(lanes.current());
      });
      context.with(set({ lane: { value: 'v3' } }), () => {
        expect([name(), out()?.baggage]).toEqual(['v3', 'user=%41,lane=v3']);
      });
      expect(name()).toBe('v2');
    });
  });

  test('without a lane, too', () => {
    context.with(set({ lane: { value: 'v3' } }), () => {
      expect([name(), out()]).toEqual(['v3', { baggage: 'lane=v3' }]);
      expect(lanes.baseline(() => out())).toBeUndefined();
      lanes.run(lane('v2'), () => expect(out()).toEqual({ version: 'v2', baggage: 'lane=v2;p' }));
    });
  });

  test('its methods on the lane change the lane', () => {
    lanes.run(lane('v2'), () => {
      const baggage = propagation.getBaggage(context.active());
      const changed = baggage?.setEntry('extra', { value: '1' }).removeEntry('lane');
      context.with(propagation.setBaggage(context.active(), changed ?? propagation.createBaggage()), () => {
        expect(out()).toEqual({ version: 'v2', baggage: 'extra=1' });
      });
      expect(out()).toEqual({ version: 'v2', baggage: 'lane=v2;p' });
      expect(baggage?.clear().getAllEntries()).toEqual([]);
    });
  });

  test('keys and metadata that are none never reach the wire', () => {
    const baggage = propagation
      .createBaggage({ 'a b': { value: '1' }, lone: { value: '\uD800' } })
      .setEntry('meta', { value: '1', metadata: { toString: () => 'p\r\nevil: 1' } as never });
    context.with(propagation.setBaggage(context.active(), baggage), () => {
      expect(out()).toEqual({ baggage: 'lone=%EF%BF%BD' });
    });
  });

  test('values that are no text, as JavaScript brings them', () => {
    const entries = {
      n: { value: 42 },
      b: { value: true },
      o: { value: {} },
      u: undefined,
      ok: { value: 'x' },
    };
    context.with(set(entries as never), () => {
      expect(out()).toEqual({ baggage: 'n=42,b=true,ok=x' });
      lanes.run(lane('v2'), () => expect(name()).toBe('v2'));
    });
    const broken = { getAllEntries: () => { throw new Error('from baggage'); } }; // prettier-ignore
    lanes.run(lane('v2'), () => {
      context.with(propagation.setBaggage(context.active(), broken as never), () =>
        expect(out()?.baggage).toBe('lane=v2;p'),
      );
    });
  });

  test('a policy that carries some keys does not change the others', () => {
    const some = defineLanes({ key: 'lane', carry: { baggage: ['lane'] } });
    context.with(set({ tenant: { value: 't' }, lane: { value: 'stale' } }), () => {
      some.run(some.capture({ baggage: 'lane=v2' }), () => {
        expect(out(some)).toEqual({ baggage: 'lane=v2,tenant=t' });
        expect(some.baseline(() => out(some))).toEqual({ baggage: 'tenant=t' });
      });
    });
  });
});

test('the channels say what happens', () => {
  const seen: unknown[] = [];
  const note = (message: unknown, channel: unknown): void => void seen.push([channel, message]);
  captureChannel.subscribe(note);
  attachChannel.subscribe(note);
  const v2 = lane('v2');
  lanes.capture({});
  lanes.run(v2, () => out());
  out();
  captureChannel.unsubscribe(note);
  attachChannel.unsubscribe(note);
  expect(seen).toEqual([
    ['laneway:capture', { lane: v2 }],
    [
      'laneway:attach',
      {
        lane: v2,
        host: 'localhost',
        headers: [
          ['version', 'v2'],
          ['baggage', 'lane=v2;p'],
        ],
      },
    ],
  ]);
});

/** The garbage collector on demand, without starting the test runner with a flag. */
function findCollector(): () => void {
  const { Bun } = globalThis as { Bun?: { gc(synchronously: boolean): void } };
  if (Bun) return () => Bun.gc(true);
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
