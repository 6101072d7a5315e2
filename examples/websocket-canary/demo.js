// Runs the whole scenario on real processes and sockets: npm run demo
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MeshError, loadMesh, startMesh } from '@laneway/mesh';
import { Journeys } from './journeys.js';
import { lanes } from './lanes.js';
import { checkPermissive, checkStrict } from './scenario.js';
import { Transcript } from './transcript.js';

const LIMIT_MS = 55_000;
const FETCHES = { 'node-fetch': 'node-fetch', global: "Node's fetch" };

const pathOf = (file) => fileURLToPath(new URL(file, import.meta.url));
const config = loadMesh(pathOf('mesh.yaml'));
const transcript = new Transcript();
const stop = new AbortController();
const seenProcesses = new Set();
let mesh;

const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };
for (const [signal, code] of Object.entries(exitCodes)) {
  process.on(signal, () => {
    process.exitCode = code;
    stop.abort(new Error(`${signal}: the demo was ended.`));
  });
}
const limit = setTimeout(() => {
  process.exitCode = 1;
  const remedy = 'Look at the checks marked ✗, or run it on a less busy machine.';
  stop.abort(new Error(`The demo took longer than ${LIMIT_MS / 1000} s. ${remedy}`));
}, LIMIT_MS);

try {
  const ended = new Promise((_resolve, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
  });
  process.exitCode = (await Promise.race([runDemo(), ended])) ? 0 : 1;
} catch (error) {
  process.exitCode ||= 1;
  const expected = error instanceof MeshError || error === stop.signal.reason;
  console.error(`\n${expected ? error.message : error.stack}`);
} finally {
  clearTimeout(limit);
  await mesh?.close();
}
// Exit explicitly: after an abort, clients may still wait.
process.exit();

async function runDemo() {
  const started = Date.now();
  transcript.heading('The code of wsk');
  await transcript.check('wsk.js names no header', undefined, checkSource);

  for (const [setting, column] of Object.entries(FETCHES)) {
    for (const mode of ['permissive', 'strict']) {
      transcript.heading(`A ${mode} mesh, wsk calls helloworld with ${column}`);
      await runMesh(mode, setting, column);
    }
  }
  transcript.heading('Afterwards');
  await transcript.check('nothing is left running', undefined, checkNothingRuns);

  const holds = transcript.finish();
  console.log(`It took ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  return holds;
}

async function runMesh(mode, setting, column) {
  // The workloads inherit the environment.
  Object.assign(process.env, { WSK_FETCH: setting, WSK_OKOK_MS: '400' });
  const journeys = new Journeys(config);
  const output = [];
  mesh = await startMesh(config, {
    mode,
    port: 0,
    signal: stop.signal,
    onServe: (serve) => journeys.add(serve),
    onLog({ source, level, text }) {
      const pid = /^running as (\d+)/.exec(text)?.[1];
      if (pid) seenProcesses.add(Number(pid));
      else if (level === 'error' || output.length < 20) output.push(`${source} | ${text}`);
    },
  });
  transcript.line(`gateway ${mesh.url}, helloworld ${mesh.services.helloworld}`);
  await (mode === 'strict' ? checkStrict : checkPermissive)({ mesh, transcript, column, journeys });
  await mesh.close();
  for (const line of output) transcript.line(line);
}

/** Checks that the service names neither the lane's key nor the header that carries it. */
function checkSource() {
  const source = readFileSync(pathOf('wsk.js'), 'utf8');
  const names = ['header', 'baggage', lanes.policy.key, ...config.gateway.rules.map(({ header }) => header)];
  for (const name of names) assert.ok(!source.toLowerCase().includes(name.toLowerCase()), `it names ${name}`);
  assert.equal(
    source.match(/io\.use\(socketIoLane\(lanes\)\)/g)?.length,
    1,
    'it has no io.use(socketIoLane(lanes))',
  );
  assert.equal(source.match(/laneFetch\(/g)?.length, 1, 'it has no laneFetch(…)');
  return 'one line io.use(socketIoLane(lanes)), one wrapped fetch';
}

async function checkNothingRuns() {
  assert.ok(seenProcesses.size > 0, 'no process printed its id');
  const deadline = Date.now() + 5000;
  const isRunning = (pid) => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while ([...seenProcesses].some(isRunning) && Date.now() < deadline) await delay(20);
  const left = [...seenProcesses].filter(isRunning);
  assert.equal(left.length, 0, `still running: ${left.join(', ')}`);
  return `${seenProcesses.size} processes, all gone`;
}
