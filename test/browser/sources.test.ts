import { readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInChromium, openBrowser } from './chromium.js';
import { type Seen, type SourceServer, startSourceServer } from './source-server.fixture.js';

// The table in the README of @laneway/socket.io. `npm run table -w @laneway-internal/browser` writes it.
const README = new URL('../../packages/socket.io/README.md', import.meta.url);
const MARKS = /(<!-- table -->\n)[^]*(<!-- \/table -->)/;

const TRANSPORTS = {
  websocket: ['websocket'],
  polling: ['polling'],
  'polling, upgraded': ['polling', 'websocket'],
};

/** A way in which a page names a lane. */
interface Way {
  readonly name: string;
  /** Options of socket.io-client. */
  readonly options?: object;
  readonly cookie?: string;
  /** The query of the browser's WebSocket; undefined if it has no such way. */
  readonly query?: string;
  /** The host of the page. The host of the server is 127.0.0.1. */
  readonly host?: string;
}

const ways: readonly Way[] = [
  { name: 'a header: `extraHeaders: { version }`', options: { extraHeaders: { version: 'v2' } } },
  { name: '`auth: { lane }`', options: { auth: { lane: 'v2' } } },
  { name: 'a query parameter: `query: { lane }`', options: { query: { lane: 'v2' } }, query: 'lane=v2' },
  { name: 'a cookie, page and server on one site', cookie: 'lane=v2', query: '' },
  { name: 'a cookie, on two sites', cookie: 'lane=v2', query: '', host: 'other.test' },
];

describeInChromium('which source reaches the handler', () => {
  let server: SourceServer;
  let browser: Browser;
  beforeAll(async () => {
    server = await startSourceServer();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test('the table in the README matches what is measured', async () => {
    const columns = [...Object.keys(TRANSPORTS), 'plain `WebSocket`'];
    const table = [
      ['the page names its lane in', ...columns],
      ['---', ...columns.map(() => '---')],
    ];
    for (const way of ways) table.push([way.name, ...(await measure(browser, server.port, way))]);
    const text = table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');

    const readme = await readFile(README, 'utf8');
    const measured = readme.replace(MARKS, `$1\n${text}\n\n$2`);
    const config = await resolveConfig(README);
    const expected = await format(measured, { ...config, parser: 'markdown' });
    if (process.env.WRITE_TABLE === 'true') await writeFile(README, expected);
    else expect(readme).toBe(expected);
  });
});

/** Returns a cell for each transport of socket.io, and one for the browser's WebSocket. */
async function measure(browser: Browser, port: number, way: Way): Promise<string[]> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    if (way.cookie !== undefined) {
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.evaluate(`document.cookie = '${way.cookie}; path=/; samesite=lax'`);
    }
    await page.goto(`http://${way.host ?? '127.0.0.1'}:${port}/`);
    const cells: string[] = [];
    for (const transports of Object.values(TRANSPORTS)) {
      const options = { ...way.options, withCredentials: true };
      const seen = await call(page, 'askSocketIo', `http://127.0.0.1:${port}`, transports, options);
      expect(seen.transport).toBe(transports.at(-1));
      cells.push(describeLane(seen));
    }
    const { query } = way;
    if (query === undefined) cells.push('not possible');
    else cells.push(describeLane(await call(page, 'askWebSocket', `ws://127.0.0.1:${port}/ws?${query}`)));
    return cells;
  } finally {
    await context.close();
  }
}

/** Calls a function of fixtures/ask.js in the page. */
function call(page: Page, name: string, ...args: readonly unknown[]): Promise<Seen> {
  return page.evaluate<Seen>(`window.${name}(...${JSON.stringify(args)})`);
}

function describeLane({ lane }: Seen): string {
  expect(['v2', null]).toContain(lane);
  return lane === null ? 'no' : 'yes';
}
