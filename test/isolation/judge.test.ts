import diagnostics from 'node:diagnostics_channel';
import http from 'node:http';
import { laneFetch } from '@laneway/fetch';
import * as undici from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Caller, Client, Request, Setup } from './src/client.js';
import { fetchSend } from './src/clients/fetch-send.js';
import { openHttp } from './src/clients/http.js';
import { oneConnection } from './src/clients/one-connection.js';
import { judge, type Verdict } from './src/judge.js';
import { makePlan } from './src/plan.js';
import { passes } from './src/report.js';
import { runCalls } from './src/run-calls.js';
import type { SituationName } from './src/situations.js';
import { isolationLanes } from './src/start-way.js';
import { startUpstream, type Upstream } from './src/upstream.js';
import { laneHeaders, laneway, type Way } from './src/way.js';

// Shows that `npm run isolation` can fail: the clients here make every kind of mistake.
const lanes = isolationLanes();
const way = laneway(lanes, true);
const plan = makePlan(420);

let upstream: Upstream;
beforeEach(async () => {
  upstream = await startUpstream('http');
});
afterEach(() => upstream.close());

type Subject = Pick<Client, 'follows' | 'retries'> & {
  open: (setup: Setup) => Caller;
  way?: Way;
  patience?: number;
};

async function verdictOn({
  open,
  way: clientWay = way,
  patience = 20_000,
  ...client
}: Subject): Promise<Verdict> {
  const { addresses, arrivals } = upstream;
  const outcome = await runCalls({ client, open, way: clientWay, plan, addresses, patience });
  return judge(plan, arrivals, outcome, laneHeaders.wrapped);
}

/** Returns the situations in which a mistake was counted. */
function where(verdict: Verdict, mistake: 'wrong' | 'lost' | 'leaked'): SituationName[] {
  return verdict.rows.filter((row) => row[mistake] > 0).map(({ situation }) => situation);
}

function sum(verdict: Verdict, mistake: 'wrong' | 'lost' | 'leaked'): number {
  return verdict.rows.reduce((total, row) => total + row[mistake], 0);
}

/** Opens Node's http without Laneway. `choose` returns the headers of a request. */
function byHand(choose: (url: URL) => http.OutgoingHttpHeaders): (setup: Setup) => Caller {
  const get = (url: string, options: http.RequestOptions, done: never): http.ClientRequest =>
    http.get(url, { ...options, headers: choose(new URL(url)) }, done);
  const open = openHttp({ ...http, get } as unknown as typeof http);
  return (setup) => {
    const { send, close } = open({ ...setup, wrap: (client) => client });
    // Node calls back in the context of the code that aborts or that opened the connection.
    return { send: (request, done) => send(request, lanes.bind(done)), close };
  };
}

const current = (): Record<string, string> => lanes.attach({}, { to: 'localhost' });
const isExternal = ({ hostname }: URL): boolean => hostname === 'external.example';

test('passes: a client that keeps every lane, and one that attaches it by hand', async () => {
  for (const open of [openHttp(http), byHand((url) => (isExternal(url) ? {} : current()))]) {
    const verdict = await verdictOn({ open });
    expect(verdict.examples).toEqual([]);
    expect(verdict.doubts).toEqual([]);
    expect(verdict.rows.every(({ calls }) => calls > 0)).toBe(true);
    expect(verdict.rows.reduce((total, { calls }) => total + calls, 0)).toBe(420);
    upstream.close();
    upstream = await startUpstream('http');
  }
});

test("a client that must carry no lane, but carries the caller's: wrong everywhere except at the baseline", async () => {
  const { addresses, arrivals } = upstream;
  const outcome = await runCalls({ client: {}, open: openHttp(http), way, plan, addresses });
  const verdict = judge(plan, arrivals, outcome, []);
  expect(where(verdict, 'wrong')).toContain('plain');
  expect(where(verdict, 'wrong')).not.toContain('baseline');
});

test('a client that attaches when the pool creates the request: wrong lanes', async () => {
  const attach = (message: unknown): void => {
    const { request } = message as {
      request: { origin: string; addHeader(name: string, value: string): void };
    };
    if (isExternal(new URL(request.origin))) return;
    for (const [name, value] of Object.entries(current())) request.addHeader(name, value);
  };
  const open = (setup: Setup): Caller => {
    const dispatcher = oneConnection(undici, setup);
    return { send: fetchSend(undici.fetch, { dispatcher }), close: () => dispatcher.destroy() };
  };
  diagnostics.subscribe('undici:request:create', attach);
  try {
    const verdict = await verdictOn({ open, follows: true });
    expect(sum(verdict, 'wrong')).toBeGreaterThan(200);
    expect(where(verdict, 'wrong')).toContain('baseline');
    expect(where(verdict, 'leaked')).toEqual([]);
  } finally {
    diagnostics.unsubscribe('undici:request:create', attach);
  }
});

test('a client that keeps the lane of the code that opened it: wrong lanes', async () => {
  const open = (setup: Setup): Caller => {
    const first = current();
    return byHand((url) => (isExternal(url) ? {} : first))(setup);
  };
  const verdict = await verdictOn({ open });
  expect(where(verdict, 'wrong')).toContain('lazily created client');
  expect(where(verdict, 'wrong')).toContain('baseline');
  expect(where(verdict, 'lost')).toEqual([]);
});

test('a client that ignores egress: leaks to every external host and to no other', async () => {
  const verdict = await verdictOn({ open: byHand(() => current()) });
  expect(where(verdict, 'leaked')).toEqual([
    'external host',
    'redirect, external host',
    'redirect, external host and back',
  ]);
  expect([sum(verdict, 'wrong'), sum(verdict, 'lost')]).toEqual([0, 0]);
});

test('lane data in a header with another name is a leak, too', async () => {
  const choose = (url: URL): http.OutgoingHttpHeaders =>
    isExternal(url) ? { 'x-copy': lanes.current().name ?? '' } : current();
  expect(sum(await verdictOn({ open: byHand(choose) }), 'leaked')).toBeGreaterThan(0);
});

test('a client that loses the lane when it retries: lost only there', async () => {
  const tried = new Set<string>();
  const choose = (url: URL): http.OutgoingHttpHeaders => {
    if (isExternal(url) || tried.has(url.href)) return {};
    tried.add(url.href);
    return current();
  };
  const verdict = await verdictOn({ open: byHand(choose) });
  expect(where(verdict, 'lost')).toEqual(['retry, dropped', 'retry, 503']);
  expect(sum(verdict, 'wrong')).toBe(0);
});

test('a second baggage header and a part of the lane are mistakes', async () => {
  const doubled = byHand((url) => {
    const { baggage, ...others } = isExternal(url) ? {} : current();
    return baggage === undefined ? others : { ...others, baggage: [baggage, baggage] };
  });
  expect(where(await verdictOn({ open: doubled }), 'wrong')).toContain('plain');
  upstream.close();
  upstream = await startUpstream('http');
  const half = byHand((url) => (isExternal(url) ? {} : { 'x-lane': current()['x-lane'] }));
  expect(where(await verdictOn({ open: half }), 'lost')).toContain('plain');
});

test('a context that is not restored for callbacks that others call: wrong lanes', async () => {
  const unbound: Way = { ...way, bind: (fn) => fn };
  const verdict = await verdictOn({ open: openHttp(http), way: unbound });
  expect(where(verdict, 'wrong')).toEqual(['timer of another lane', 'emitter of another lane']);
});

test('calls that are never sent, that fail or that never end are doubts, not zeros', async () => {
  const answer = { status: 200, location: undefined };
  const idOf = ({ url }: Request): string => new URL(url).pathname.split('/')[1] ?? '';
  const silent: Caller = {
    send: (request, done) => setImmediate(done, undefined, { ...answer, text: idOf(request) }),
    close() {},
  };
  expect((await verdictOn({ open: () => silent })).doubts.join('\n')).toContain('never arrived: home ok');
  const failing: Caller = { send: (_, done) => setImmediate(done, new Error('broken')), close() {} };
  expect((await verdictOn({ open: () => failing })).doubts.join('\n')).toContain('broken');
  const stuck: Caller = { send() {}, close() {} };
  const { doubts } = await verdictOn({ open: () => stuck, patience: 50 });
  expect(doubts.join('\n')).toContain('did not end within 50 ms');
  expect(doubts.join('\n')).toContain('more');
});

test('a client that does not follow redirects, although it declares that it does, is a doubt', async () => {
  const { doubts } = await verdictOn({ open: openHttp(http), follows: true });
  expect(doubts.join('\n')).toContain('ended with 302');
});

test("the run passes only with zeros; OpenTelemetry's figures do not count", () => {
  const row = { situation: 'plain', calls: 1, wrong: 0, lost: 0, leaked: 0 } as const;
  const measured = {
    client: 'fetch',
    way: 'wrapped',
    rows: [row],
    doubts: [],
    examples: [],
    requests: 1,
    connections: 1,
    seconds: 1,
  } as const;
  expect(passes([measured])).toBe(true);
  expect(passes([measured, { ...measured, way: 'opentelemetry', rows: [{ ...row, wrong: 1 }] }])).toBe(true);
  for (const mistake of ['wrong', 'lost', 'leaked'])
    expect(passes([measured, { ...measured, rows: [row, { ...row, [mistake]: 1 }] }])).toBe(false);
  expect(passes([{ ...measured, doubts: ['its process ended'] }])).toBe(false);
  expect(passes([])).toBe(false);
});

test('laneFetch over one connection, with the queue of undici', async () => {
  const open = (setup: Setup): Caller => {
    const dispatcher = oneConnection(undici, setup);
    const fetch = laneFetch(undici.fetch, lanes);
    return { send: fetchSend(fetch, { dispatcher }), close: () => dispatcher.destroy() };
  };
  const { examples, doubts } = await verdictOn({ open, follows: true });
  expect([...examples, ...doubts]).toEqual([]);
});
