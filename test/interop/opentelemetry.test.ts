import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type EchoedRequest, type EchoServer, echoServer, headerLines } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SERVICE = fileURLToPath(new URL('fixtures/service.cjs', import.meta.url));
const BAGGAGE = 'user=%41lice;p = 1 , lane=v2';

interface Answer {
  readonly size: number;
  readonly laneAtEnd?: string;
  readonly visible?: string;
  readonly after?: string;
  readonly traceId?: string;
  readonly echoed: EchoedRequest;
}

describe.each(['none', 'sdk first', 'laneway first', 'sampler off', 'suppressed', 'instrumentations'])(
  'promise 8: the same with OpenTelemetry or without: %s',
  (scenario) => {
    let echo: EchoServer;
    let child: ChildProcess;
    let service: string;
    let plain: string;
    beforeAll(async () => {
      echo = await echoServer();
      child = fork(SERVICE, {
        execArgv: [], // without vitest's own: the service loads the build, as its users do
        env: { ...process.env, SCENARIO: scenario },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const [ports] = (await once(child, 'message')) as [{ port: number; plain: number }];
      service = `http://127.0.0.1:${ports.port}/`;
      plain = `http://127.0.0.1:${ports.plain}/`;
    });
    afterAll(async () => {
      child.disconnect();
      await once(child, 'exit');
      await echo.close();
    });

    const ask = async (
      query: Record<string, string>,
      headers: Record<string, string> = {},
    ): Promise<Answer> => {
      const to = `http://${query.host ?? '127.0.0.1'}:${echo.port}/`;
      const url = `${service}?${new URLSearchParams({ ...query, to }).toString()}`;
      const answer = await fetch(url, { method: 'POST', headers, body: 'x'.repeat(300_000) });
      return (await answer.json()) as Answer;
    };
    const inLane = { version: 'v2', baggage: BAGGAGE };

    test('a plain server', async () => {
      expect(await (await fetch(plain, { headers: inLane })).text()).toBe('v2');
      expect(await (await fetch(plain)).text()).toBe('none');
    });

    test.each(['fetch', 'node-fetch', 'http'])('%s', async (client) => {
      const { echoed, size, laneAtEnd, visible, after } = await ask({ client }, inLane);
      expect(headerLines(echoed, 'baggage')).toEqual([BAGGAGE]);
      expect(headerLines(echoed, 'version')).toEqual(['v2']);
      expect([size, laneAtEnd, visible, after]).toEqual([300_000, 'v2', 'v2', 'v2']);

      const none = await ask({ client });
      expect([headerLines(none.echoed, 'baggage'), headerLines(none.echoed, 'version')]).toEqual([[], []]);
      expect([none.laneAtEnd, none.visible, none.after]).toEqual([undefined, undefined, undefined]);

      const stranger = await ask({ client, host: 'stranger.example' }, inLane);
      expect([headerLines(stranger.echoed, 'baggage'), headerLines(stranger.echoed, 'version')]).toEqual([
        [],
        [],
      ]);

      const merged = await ask({ client, baggage: 'set=by hand' }, inLane);
      expect(headerLines(merged.echoed, 'baggage')).toEqual(['user=%41lice;p = 1,lane=v2,set=by%20hand']);
      const alone = await ask({ client, baggage: 'set=by hand' });
      expect(headerLines(alone.echoed, 'baggage')).toEqual(['set=by%20hand']);

      if (scenario !== 'instrumentations') return;
      const [traceparent, ...more] = headerLines(echoed, 'traceparent');
      expect(more).toEqual([]);
      expect(traceparent).toBeDefined();
      const traced = await ask(
        { client },
        { ...inLane, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
      );
      expect(headerLines(traced.echoed, 'traceparent')).toEqual([expect.stringContaining('a'.repeat(32))]);
      expect(traced.traceId).toBe('a'.repeat(32));
    });
  },
);
