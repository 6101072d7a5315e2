import { inherits } from 'node:util';
import { headerLines, useEcho } from '@laneway/testing';
import { describe, expect, test } from 'vitest';
import { clients } from './clients.contract.js';
import { laneSuperagent } from './index.js';

const { lanes, echo, inLane } = useEcho();

describe.each(clients)('$name', ({ superagent }) => {
  const { Request } = laneSuperagent(superagent, lanes) as unknown as {
    Request: new (method: string, url: string) => PromiseLike<{ body: unknown }>;
  };

  test('a subclass without `class` carries the lane', async () => {
    function Subclass(this: object, method: string, url: string): void {
      Reflect.apply(Request as never, this, [method, url]);
    }
    inherits(Subclass, Request);
    const Wrapped = Subclass as unknown as typeof Request;
    const { body } = await inLane('v2', async () => new Wrapped('GET', echo.url));
    expect(headerLines(body as never, 'version')).toEqual(['v2']);
  });

  test('properties that code adds to Object.prototype are sent only if superagent itself sends them', async () => {
    // oxlint-disable-next-line no-extend-native -- what some code does
    Object.defineProperty(Object.prototype, 'x-polluted', {
      value: '1',
      enumerable: true,
      configurable: true,
      writable: true,
    });
    try {
      const plain = await superagent.get(echo.url);
      const { body } = await inLane('v2', async () => new Request('GET', echo.url));
      const expected = headerLines(plain.body as never, 'x-polluted');
      expect(headerLines(body as never, 'x-polluted')).toEqual(expected);
      expect(headerLines(body as never, 'version')).toEqual(['v2']);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'x-polluted');
    }
  });
});
