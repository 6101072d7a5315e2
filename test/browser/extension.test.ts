import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mesh } from '@laneway/mesh';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeInChromium, openBrowserWith } from './chromium.js';
import { expectAnswers, EXTENSION, startExample } from './lane-switch.fixture.js';

describeInChromium('the extension of browser-lane-switch', () => {
  let mesh: Mesh;
  let profile: string;
  let browser: BrowserContext;
  beforeAll(async () => {
    mesh = await startExample();
    profile = await mkdtemp(join(tmpdir(), 'laneway-chromium-'));
    browser = await openBrowserWith(EXTENSION, profile);
  });
  afterAll(async () => {
    await browser?.close();
    await mesh?.close();
    if (profile !== undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  test('its rule sets the lane of a site, over HTTP and over the WebSocket, and is removed again', async () => {
    const page = await browser.newPage();
    await page.goto(mesh.url);
    await expectAnswers(page, '');

    await pick('127.0.0.1', 'v2');
    await page.reload();
    await expectAnswers(page, 'v2');
    // The lane came in the header.
    expect(await browser.cookies()).toEqual([]);

    // The header wins over the cookie.
    await page.getByRole('group').getByText('v3', { exact: true }).click();
    await expectAnswers(page, 'v2');
    await page.getByText('Baseline').click();

    await pick('127.0.0.1', 'v3');
    await page.reload();
    await expectAnswers(page, 'v3');

    // Another site keeps its own lane.
    const localhost = await browser.newPage();
    await localhost.goto(mesh.url.replace('127.0.0.1', 'localhost'));
    await expectAnswers(localhost, '');

    await pick('127.0.0.1', '');
    await page.reload();
    await expectAnswers(page, '');
  });

  test('the popup shows the lane of the site, and says when a site is not a host', async () => {
    await pick('localhost', 'alice-sandbox');
    const popup = await openPopup('localhost');
    expect(await popup.getByLabel('Another lane').inputValue()).toBe('alice-sandbox');
    await popup.getByLabel('Site').fill('no host');
    await popup.getByLabel('Site').blur();
    await expectStatus(popup, '"no host" is not a host. Write one such as shop.test.');
    await popup.getByLabel('Site').fill('https://shop.test/basket');
    await popup.getByText('v2', { exact: true }).click();
    await expectStatus(popup, /^Add .*ws:\/\/shop\.test\/.* to host_permissions/);
    await popup.close();
  });

  async function pick(site: string, lane: string): Promise<void> {
    const popup = await openPopup(site);
    if (lane === 'v2' || lane === 'v3') await popup.getByText(lane, { exact: true }).click();
    else if (lane === '') await popup.getByText('Baseline').click();
    else {
      await popup.getByLabel('Another lane').fill(lane);
      await popup.keyboard.press('Enter');
    }
    const expected = lane === '' ? `${site} has no lane.` : `${site} is in lane ${lane}.`;
    await expectStatus(popup, expected);
    await popup.close();
  }

  async function openPopup(site: string): Promise<Page> {
    const popup = await browser.newPage();
    await popup.goto(`chrome-extension://${idOf(EXTENSION)}/popup.html`);
    await popup.getByLabel('Site').fill(site);
    await popup.getByLabel('Site').blur();
    await expectStatus(popup, /^(127\.0\.0\.1|localhost) (has no|is in) lane/);
    return popup;
  }
});

async function expectStatus(popup: Page, expected: string | RegExp): Promise<void> {
  const status = popup.getByRole('status');
  const seen = expect.poll(() => status.innerText());
  await (typeof expected === 'string' ? seen.toBe(expected) : seen.toMatch(expected));
}

/** Returns the id of an unpacked extension, which Chromium derives from its path. */
function idOf(folder: string): string {
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 32);
  return Array.from(digest, (digit) => String.fromCodePoint(97 + Number.parseInt(digit, 16))).join('');
}
