import type { Mesh } from '@laneway/mesh';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeInChromium, openBrowser } from './chromium.js';
import { expectAnswers, startExample } from './lane-switch.fixture.js';

describeInChromium('the page of browser-lane-switch', () => {
  let mesh: Mesh;
  let browser: Browser;
  let page: Page;
  let errors: string[];
  beforeAll(async () => {
    mesh = await startExample();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await mesh?.close();
  });
  beforeEach(async () => {
    const context = await browser.newContext();
    page = await context.newPage();
    errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    await page.goto(mesh.url);
    await expectAnswers(page, '');
  });
  afterEach(async () => {
    await page.context().close();
    expect(errors).toEqual([]);
  });

  const pick = (name: string): Promise<void> =>
    page.getByRole('group').getByText(name, { exact: true }).click();

  test('a lane is picked, switched, and left; the answers follow over HTTP and over the WebSocket', async () => {
    await pick('v2');
    await expectAnswers(page, 'v2');
    expect(await page.context().cookies()).toMatchObject([{ name: 'lane', value: 'v2', sameSite: 'Lax' }]);
    await pick('v3');
    await expectAnswers(page, 'v3');
    await pick('Baseline');
    await expectAnswers(page, '');
    expect(await page.context().cookies()).toEqual([]);
  });

  test('a lane that has no button is typed', async () => {
    await page.getByLabel('Another lane').fill('alice-sandbox');
    await page.keyboard.press('Enter');
    await expectAnswers(page, 'alice-sandbox');
    await page.reload();
    await expectAnswers(page, 'alice-sandbox');
    expect(await page.getByLabel('Another lane').inputValue()).toBe('alice-sandbox');
  });

  test('quick switches end in the last lane', async () => {
    for (const name of ['v2', 'v3', 'v2', 'v3', 'v2']) await pick(name);
    await expectAnswers(page, 'v2');
  });

  test('another visitor stays at the baseline', async () => {
    await pick('v2');
    await expectAnswers(page, 'v2');
    const other = await browser.newContext();
    const otherPage = await other.newPage();
    await otherPage.goto(mesh.url);
    await expectAnswers(otherPage, '');
    await other.close();
  });
});
