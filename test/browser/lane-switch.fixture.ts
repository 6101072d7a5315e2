import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadMesh, type Mesh, startMesh } from '@laneway/mesh';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const EXAMPLE = new URL('../../examples/browser-lane-switch/', import.meta.url);
const BUILT = new URL('../../packages/node-http/dist/', import.meta.url);

/** The folder of the extension. */
export const EXTENSION: string = fileURLToPath(new URL('extension', EXAMPLE));

/** Which versions answer, as the page shows them, by lane. */
export const ANSWERS: Readonly<Record<string, readonly [http: string, socket: string]>> = {
  '': ['shop v1, stock v1, at the baseline', 'chat v1, stock v1, at the baseline'],
  v2: ['shop v2, stock v2, in lane v2', 'chat v1, stock v2, in lane v2'],
  v3: ['shop v1, stock v1, in lane v3', 'chat v3, stock v1, in lane v3'],
  'alice-sandbox': ['shop v1, stock v1, in lane alice-sandbox', 'chat v1, stock v1, in lane alice-sandbox'],
};

/** Starts the services of the example on free ports. */
export function startExample(): Promise<Mesh> {
  if (!existsSync(BUILT)) throw new Error('The example runs the built packages. Run `npm run build` first.');
  return startMesh(loadMesh(fileURLToPath(new URL('mesh.yaml', EXAMPLE))), { port: 0 });
}

/** Waits until both cards of the page show the answers of a lane. */
export async function expectAnswers(page: Page, lane: string): Promise<void> {
  await expect
    .poll(() => Promise.all([readCard(page, '#http'), readCard(page, '#socket')]), { timeout: 10_000 })
    .toEqual(ANSWERS[lane]);
}

async function readCard(page: Page, card: string): Promise<string> {
  const texts = await page.locator(`${card}[aria-busy=false] :is(li, .lane)`).allInnerTexts();
  return texts.map((text) => text.replace(/\s+/, ' ')).join(', ');
}
