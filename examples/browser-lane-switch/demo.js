// Checks the services as a browser would use them, without one: npm run demo. test/browser checks the page in a real Chromium.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import picocolors from 'picocolors';
import { io } from 'socket.io-client';
import { loadMesh, startMesh } from '@laneway/mesh';

const VISITS = 200;
const CHAINS = {
  baseline: { shop: 'shop v1, stock v1', chat: 'chat v1, stock v1' },
  v2: { shop: 'shop v2, stock v2', chat: 'chat v1, stock v2' },
  v3: { shop: 'shop v1, stock v1', chat: 'chat v3, stock v1' },
  v9: { shop: 'shop v1, stock v1', chat: 'chat v1, stock v1' },
};

const config = loadMesh(fileURLToPath(new URL('mesh.yaml', import.meta.url)));
const stop = new AbortController();
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'])
  process.once(signal, () => stop.abort(new Error(signal)));
const output = [];
let failed = 0;

const mesh = await startMesh(config, {
  port: 0,
  signal: AbortSignal.any([stop.signal, AbortSignal.timeout(30_000)]),
  onLog: ({ source, level, text }) => level === 'error' && output.push(`${source} | ${text}`),
});
try {
  for (const [lane, expected] of Object.entries(CHAINS)) {
    const headers = headersOf(lane);
    await check(lane === 'baseline' ? 'no cookie' : `the cookie lane=${lane}`, async () => {
      assert.equal(await askShop(headers), expected.shop);
      assert.equal(await askChat(headers), expected.chat);
      return `${expected.shop}; ${expected.chat}`;
    });
  }
  await check('the header of the extension wins over the cookie', async () => {
    const headers = { cookie: 'lane=v3', 'x-lane': 'v2' };
    assert.equal(await askShop(headers), CHAINS.v2.shop);
    assert.equal(await askChat(headers), CHAINS.v2.chat);
    return CHAINS.v2.shop;
  });
  await check(`visitors of all lanes, ${VISITS} requests at once`, async () => {
    const lanes = Object.keys(CHAINS);
    const visits = Array.from({ length: VISITS }, (_, index) => lanes[index % lanes.length]);
    const answers = await Promise.all(visits.map((lane) => askShop(headersOf(lane))));
    const wrong = answers.filter((answer, index) => answer !== CHAINS[visits[index]].shop);
    assert.equal(wrong.length, 0, `${wrong.length} answers came from a wrong version`);
    return 'no answer came from a wrong version';
  });
} finally {
  await mesh.close();
}
for (const line of output) console.log(`  ${line}`);
console.log(failed === 0 ? 'All checks hold.' : `${failed} checks failed.`);
process.exit(failed === 0 ? 0 : 1);

async function check(name, run) {
  try {
    const remark = await run();
    console.log(`  ${picocolors.green('✓')} ${name.padEnd(52)} ${picocolors.dim(remark)}`);
  } catch (error) {
    failed++;
    console.log(`  ${picocolors.red('✗')} ${name.padEnd(52)} ${error.message}`);
  }
}

function headersOf(lane) {
  return lane === 'baseline' ? {} : { cookie: `theme=dark; lane=${lane}` };
}

async function askShop(headers) {
  const response = await fetch(`${mesh.url}/shop`, { headers });
  return describe(await response.json());
}

async function askChat(extraHeaders) {
  const socket = io(mesh.url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders,
  });
  try {
    return describe(await socket.timeout(5000).emitWithAck('tour'));
  } finally {
    socket.disconnect();
  }
}

function describe({ hops }) {
  return hops.map(({ service, version }) => `${service} ${version}`).join(', ');
}
