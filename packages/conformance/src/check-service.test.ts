import { createServer, type IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { close, listen } from '@laneway/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bindAddress } from './callback-server.js';
import { type CaseResult, checkService, ConformanceError, listCases } from './index.js';
import { type ServiceProcess, startService } from './service-process.fixture.js';

let service: ServiceProcess;
beforeAll(async () => {
  const file = fileURLToPath(new URL('service.fixture.mjs', import.meta.url));
  service = await startService(process.execPath, [file]);
});
afterAll(() => service.stop());

const at = (path: string): string => `${service.url}/${encodeURIComponent(path)}`;

/** Starts a service in this process. After its call it answers if `handle` returns true. */
async function serve(
  handle: (url: string, request: IncomingMessage) => boolean | Promise<boolean>,
): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const [{ url = '' } = {}] = JSON.parse(body) as { url?: string }[];
      if (!(await handle(url, request))) return;
      await fetch(url, { method: 'POST' });
      response.end();
    })();
  });
  const port = await listen(server);
  onTestFinished(() => close(server));
  return `http://127.0.0.1:${port}/`;
}

/** Starts a service that answers with a status and makes no calls. */
async function silent(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  const port = await listen(server);
  onTestFinished(() => close(server));
  return `http://127.0.0.1:${port}/`;
}

test('the report names the service, the specification and every result', async () => {
  const seen: CaseResult[] = [];
  const report = await checkService(at('decodes keys'), {
    only: ['key-percent', 'member'],
    onResult: (result) => seen.push(result),
  });
  expect(report).toMatchObject({
    version: 1,
    specification: 'https://www.w3.org/TR/2024/CR-baggage-20240530/',
    service: at('decodes keys'),
    conformant: false,
    tallies: { MUST: { passed: 1, failed: 1 }, SHOULD: { passed: 0, failed: 0 } },
    exact: { passed: 1, failed: 1 },
  });
  expect(seen).toEqual(report.cases);
  expect(report.cases.map(({ id }) => id)).toEqual(['member', 'key-percent']);
  expect(report.cases[1]).toMatchObject({
    verdict: 'fail',
    exact: false,
    exchanges: [
      {
        sent: [['baggage', 'a%41=1,b%2Cc=2,d%20=3,e%=4']],
        status: 200,
        arrived: [[['baggage', expect.any(String)]]],
      },
    ],
  });
  expect(report.cases[1]?.problems).toContainEqual({ exchange: 0, why: '"a%41=1" did not arrive' });
});

test('a service that does not answer or closes the connection fails the case, not the run', async () => {
  const hanging = await checkService(at('hangs'), { only: ['member', 'absent-none'], timeoutMs: 1000 });
  expect(hanging.cases[0]?.problems).toEqual([
    { exchange: 0, why: 'the service did not answer within 1000 ms' },
  ]);
  expect(hanging.cases[0]?.exchanges[0]).toMatchObject({ status: null, arrived: [] });
  expect(hanging.cases[1]?.verdict).toBe('pass');
  const closing = await checkService(at('hangs up'), { only: ['member'] });
  expect(closing.cases[0]?.problems[0]?.why).toBe('the service closed the connection without an answer');
});

test('a service that handles one request at a time is judged, with a note', async () => {
  const { cases } = await checkService(at('one at a time'), { only: ['interleaved'] });
  expect(cases[0]).toMatchObject({
    verdict: 'pass',
    note: 'the service handled at most 1 of 50 requests at once',
  });
});

test('a service that does not follow the contract gets no verdict: the error says what happened and what to do', async () => {
  const check = (url: string): Promise<unknown> => checkService(url);
  const impatient = { timeoutMs: 300 };
  await expect(check('ftp://127.0.0.1/')).rejects.toThrow(/is not an http or https URL\. Pass the URL/);
  await expect(checkService(at('says nothing'), impatient)).rejects.toThrow(
    /did not answer within 300 ms\. Start the service/,
  );
  await expect(check(await silent(404))).rejects.toThrow(
    /the service answered 404 and did not make 1 of 1 calls\. It must POST to each url/,
  );
  await expect(check(await silent(200))).rejects.toThrow(
    /For a service in a container, pass the name of this machine as --callback-host\.$/,
  );
  await expect(checkService(at('none'), { only: ['nonsense'] })).rejects.toThrow(ConformanceError);
});

test('the error names a port that is in use', async () => {
  const server = createServer();
  const port = await listen(server);
  onTestFinished(() => close(server));
  await expect(checkService(at('none'), { port })).rejects.toThrow(
    new RegExp(`Cannot listen on port ${port} .* Choose another --port`),
  );
});

test('a signal ends the run, also while the service does not answer', async () => {
  for (const only of ['member', 'interleaved']) {
    const stop = new AbortController();
    const url = await serve((_url, request) => {
      if (request.headers['baggage'] === undefined) return true;
      stop.abort();
      return false;
    });
    await expect(checkService(url, { signal: stop.signal, only: [only] })).rejects.toThrow('aborted');
  }
});

test('the harness listens on loopback and ignores requests without the secret of the run', async () => {
  const other = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address;
  let status: number | undefined;
  let reached = false;
  const url = await serve(async (callback) => {
    const { port } = new URL(callback);
    status = (await fetch(`http://127.0.0.1:${port}/1`)).status;
    const elsewhere = other && fetch(`http://${other}:${port}/1`);
    reached = await Promise.resolve(elsewhere).then(Boolean, () => false);
    return true;
  });
  await checkService(url, { only: ['absent-none'] });
  expect([status, reached]).toEqual([404, false]);
});

test('the harness listens on other interfaces only for a host that is not loopback', () => {
  const local = Object.values(networkInterfaces()).flat()[0]?.address ?? '127.0.0.1';
  expect(['127.0.0.1', '127.0.0.2', 'localhost', local].map(bindAddress)).toEqual([
    '127.0.0.1',
    '127.0.0.2',
    '127.0.0.1',
    local,
  ]);
  const everyInterface = undefined;
  expect(['host.docker.internal', '192.0.2.1'].map(bindAddress)).toEqual([everyInterface, everyInterface]);
});

test('every case has a unique id and at least one clause', () => {
  const ids = listCases().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { clauses } of listCases()) expect(clauses.length).toBeGreaterThan(0);
});
