import { createServer, type IncomingMessage, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { close, listen } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdks, type SdkInstall } from './sdk-install.js';
import { type Service, startService } from './service.js';

/** Starts a collector. `batch` waits for an export and returns its headers. */
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

describe.each(sdks)(
  'spans are exported in batches, at the baseline: $name',
  ({ skip, install: installSdk }) => {
    describe.skipIf(skip !== undefined)(skip ?? 'OTLP over http', () => {
      let install: SdkInstall;
      let collector: Awaited<ReturnType<typeof startCollector>>;
      beforeAll(async () => {
        install = await installSdk();
        collector = await startCollector();
      });
      afterAll(async () => {
        await close(collector.server);
        await install.remove();
      });

      test.each(['instrumentation', 'both'] as const)('%s', async (wiring) => {
        const service: Service = await startService({
          install,
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
  },
);
