import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { close, listen } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdks, type SdkRoom } from './sdk-room.js';
import { type Service, startService } from './service.js';

/** A collector; `batch` waits for the export of a span, and returns the headers that came with it. */
async function startCollector(): Promise<{ server: Server; url: string; batch: () => Promise<object> }> {
  const batches: object[] = [];
  const waiting: ((headers: object) => void)[] = [];
  const take = async (request: IncomingMessage): Promise<void> => {
    await buffer(request);
    const waiter = waiting.shift();
    if (waiter) waiter(request.headers);
    else batches.push(request.headers);
  };
  const server = createServer((request, response) => {
    void take(request).then(() => response.setHeader('content-type', 'application/json').end('{}'));
  });
  const url = `http://127.0.0.1:${await listen(server)}/v1/traces`;
  const batch = async (): Promise<object> => batches.shift() ?? new Promise((done) => waiting.push(done));
  return { server, url, batch };
}

describe.each(sdks)("spans leave in batches, in no request's lane: $name", ({ skip, open }) => {
  describe.skipIf(skip !== undefined)(skip ?? 'OTLP over http', () => {
    let room: SdkRoom;
    let collector: Awaited<ReturnType<typeof startCollector>>;
    beforeAll(async () => {
      room = await open();
      collector = await startCollector();
    });
    afterAll(async () => {
      await close(collector.server);
      await room.remove();
    });

    test.each(['instrumentation', 'both'] as const)('%s', async (wiring) => {
      const service: Service = await startService({
        room,
        scenario: 'sdk first',
        wiring,
        clients: 'plain',
        collector: collector.url,
      });
      try {
        for (const name of ['v1', 'v2', 'v3']) {
          const headers = { version: name, baggage: `lane=${name}` };
          const { echoed } = await service.ask({ client: 'http' }, headers);
          expect(echoed.headers).toContainEqual(['version', name]);
          const exported = await collector.batch();
          expect(exported).toHaveProperty('user-agent', expect.stringContaining('OTel-OTLP-Exporter'));
          expect(exported).not.toHaveProperty('version');
          expect(exported).not.toHaveProperty('baggage');
        }
      } finally {
        await service.stop();
      }
    });
  });
});
