import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { describe } from 'vitest';

const REMEDY =
  'Install it (Debian: `apt-get install -y --no-install-recommends chromium`), or set CHROMIUM_PATH to its path.';
const NAMES = ['chromium', 'chromium-browser'];
// Without a sandbox Chromium starts as root and in containers, whose shared memory is often too small for it. The name is another site than 127.0.0.1.
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--host-resolver-rules=MAP other.test 127.0.0.1',
];

const path = findChromium();

/** Describes tests that need Chromium. Without one they are skipped; where `CI` is set, they fail. */
export function describeInChromium(name: string, fn: () => void): void {
  if (path !== undefined || process.env.CI) {
    describe(name, fn);
    return;
  }
  console.warn(`Skipped, because there is no Chromium: ${name}. ${REMEDY}`);
  describe.skip(name, fn);
}

/** Starts Chromium without a window. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: requirePath(), args: ARGS });
}

/** Starts Chromium without a window, with an unpacked extension. `profile` is an empty folder. */
export function openBrowserWith(extension: string, profile: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profile, {
    executablePath: requirePath(),
    // Playwright's own headless mode disables extensions.
    headless: false,
    args: [
      ...ARGS,
      '--headless=new',
      `--load-extension=${extension}`,
      `--disable-extensions-except=${extension}`,
    ],
  });
}

function requirePath(): string {
  if (path === undefined) throw new Error(`There is no Chromium. ${REMEDY}`);
  return path;
}

function findChromium(): string | undefined {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  if (CHROMIUM_PATH) return CHROMIUM_PATH;
  const folders = PATH.split(delimiter).filter(Boolean);
  return folders
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((file) => existsSync(file));
}
