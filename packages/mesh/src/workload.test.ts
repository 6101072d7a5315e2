import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadMesh, startMesh, type MeshLog } from './index.js';
import { TWO_SERVICES, get, isRunning, openMesh, untilGone, writeMesh } from './mesh.fixture.js';

const ONE_SERVICE = (run: string): string => `
baseline: v1
lane: { baggage: version }
gateway: { port: 0, service: back }
services: { back: { versions: { v1: { run: '${run}' } } } }
`;

/** Returns the process id in a line such as `listening 4711`. */
function pidIn({ text }: MeshLog): number {
  return Number(/\d+/.exec(text)![0]);
}

it('sets the environment variables of a workload', async () => {
  const run = 'echo "I am $SERVICE $VERSION, back is at $BACK_URL, $EXTRA"; exec node service.mjs';
  const yaml = TWO_SERVICES.replace('{ run: exec node service.mjs }', `{ run: '${run}', env: { EXTRA: 1 } }`);
  const { mesh, logs } = await openMesh(yaml);
  expect(logs).toContainEqual({
    source: 'front v1',
    level: 'output',
    text: `I am front v1, back is at ${mesh.services['back']}, 1`,
  });
});

it('may call another service while both start', async () => {
  const script = 'fetch(process.env.BACK_URL).then((answer) => answer.text()).then(console.log)';
  const run = `node -e "${script}" && exec node service.mjs`;
  const { logs } = await openMesh(
    TWO_SERVICES.replace('{ run: exec node service.mjs }', `{ run: '${run}' }`),
  );
  expect(logs).toContainEqual({ source: 'front v1', level: 'output', text: 'back v1' });
});

describe('a workload that does not start', () => {
  it('ends early: the error has the exit code and the last output', async () => {
    const starting = openMesh(ONE_SERVICE('echo one; echo two >&2; exit 7'));
    await expect(starting).rejects.toMatchObject({ code: 'MESH_WORKLOAD_ENDED' });
    await expect(starting).rejects.toThrow(
      /^back v1 ended with exit code 7 before it accepted a connection\. Its last output:\n/,
    );
    await expect(starting).rejects.toThrow(/ {2}one\n/);
    await expect(starting).rejects.toThrow(/ {2}two\n/);
    await expect(starting).rejects.toThrow(/correct it; it must stay in the foreground\.$/);
  });

  it('is not a command: the error says so', async () => {
    await expect(openMesh(ONE_SERVICE('no-such-command-here'))).rejects.toThrow(
      /exit code 127.*\n.*not found/,
    );
  });

  it('moves to the background: the error says so, and its child ends', async () => {
    const starting = openMesh(ONE_SERVICE('sleep 60 & echo child $!'));
    await expect(starting).rejects.toThrow('back v1 ended with exit code 0');
    const child = /child (\d+)/.exec(String(await starting.catch((error: unknown) => error)))?.[1];
    expect(await untilGone(Number(child))).toBe(true);
  });

  it('never listens: the error names the port, and the workload ends', async () => {
    const logs: MeshLog[] = [];
    const starting = openMesh(ONE_SERVICE('echo pid $$; sleep 60'), {
      startTimeoutMs: 300,
      onLog: (log) => logs.push(log),
    });
    await expect(starting).rejects.toMatchObject({ code: 'MESH_WORKLOAD_TIMEOUT' });
    await expect(starting).rejects.toThrow(
      /^back v1 accepted no connection on 127\.0\.0\.1:\d+ within 0\.3 s\./,
    );
    await expect(starting).rejects.toThrow(
      /environment variable PORT, on 127\.0\.0\.1 or on all addresses\.$/,
    );
    expect(await untilGone(pidIn(logs[0]!))).toBe(true);
  });

  it('ends the workloads that did start', async () => {
    const logs: MeshLog[] = [];
    const script = 'fetch(process.env.BACK_URL).then(() => process.exit(1))';
    const yaml = TWO_SERVICES.replace(
      'v2: { run: exec node service.mjs }',
      `v2: { run: 'node -e "${script}"' }`,
    );
    await expect(openMesh(yaml, { onLog: (log) => logs.push(log) })).rejects.toThrow(
      'back v2 ended with exit code 1',
    );
    const pids = logs.filter(({ text }) => text.startsWith('listening')).map((log) => pidIn(log));
    expect(pids).not.toHaveLength(0);
    expect(pids.filter((pid) => isRunning(pid))).toEqual([]);
  });

  it('ends when the signal aborts', async () => {
    const stop = new AbortController();
    const logs: MeshLog[] = [];
    const starting = openMesh(ONE_SERVICE('echo pid $$; sleep 60'), {
      signal: stop.signal,
      onLog(log) {
        logs.push(log);
        stop.abort(new Error('enough'));
      },
    });
    await expect(starting).rejects.toThrow('enough');
    expect(await untilGone(pidIn(logs[0]!))).toBe(true);
  });
});

describe('a workload that ends', () => {
  it('is reported; running requests are aborted and later ones get 503', async () => {
    const { mesh, logs, serves, logged } = await openMesh(TWO_SERVICES);
    const socket = new WebSocket(mesh.url.replace('http', 'ws'));
    await once(socket, 'message');
    const closed = once(socket, 'close');
    const broken = await get(`${mesh.url}/exit`);
    expect(broken.status).toBe(502);
    expect(broken.body).toMatch(/^front v1 did not answer: .*See its output in the mesh's terminal\.\n$/);
    await closed;
    await logged(/ended with exit code 3/);
    expect(logs).toContainEqual({
      source: 'mesh',
      level: 'error',
      text: 'front v1 ended with exit code 3. Requests for it get 503. Start the mesh again.',
    });
    const refused = await get(mesh.url);
    expect(refused.status).toBe(503);
    expect(refused.body).toMatch(/^front v1 ended with exit code 3\. Start the mesh again\.\n$/);
    expect(serves.at(-1)).toMatchObject({ service: 'front', version: 'v1', refusal: refused.body.trim() });
    expect((await get(mesh.services['back']!)).body).toBe('back v1');
  });

  it('refuses a WebSocket handshake with the reason', async () => {
    const { mesh, logged } = await openMesh(TWO_SERVICES);
    await get(`${mesh.url}/exit`);
    await logged(/ended with exit code 3/);
    const socket = new WebSocket(mesh.url.replace('http', 'ws')).on('error', () => {});
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
    expect(response.statusCode).toBe(503);
  });

  it('leaves no child processes behind', async () => {
    const { mesh, logged } = await openMesh(ONE_SERVICE('sleep 60 & echo child $!; exec node service.mjs'));
    await get(`${mesh.url}/exit`);
    await logged(/ended with exit code 3/);
    expect(await untilGone(pidIn(await logged(/^child/)))).toBe(true);
  });
});

describe('closing', () => {
  it('ends what a workload started through a shell', async () => {
    const { mesh, logged } = await openMesh(
      ONE_SERVICE('sleep 60 & echo child $!; sh -c "node service.mjs; true"'),
    );
    const pid = pidIn(await logged(/^listening/));
    await mesh.close();
    expect(await untilGone(pidIn(await logged(/^child/)))).toBe(true);
    expect(await untilGone(pid)).toBe(true);
  });

  it('lets a workload finish within the grace period', async () => {
    const run = 'trap "echo finished; exit" TERM; node service.mjs & wait';
    const { mesh, logs } = await openMesh(ONE_SERVICE(run));
    await mesh.close();
    expect(logs.map(({ text }) => text)).toContain('finished');
  });

  it('kills a workload that ignores SIGTERM', async () => {
    const { mesh, logs, logged } = await openMesh(ONE_SERVICE('STUBBORN=1 exec node service.mjs'), {
      graceMs: 1000,
    });
    const pid = pidIn(await logged(/^listening/));
    expect(isRunning(pid)).toBe(true);
    await mesh.close();
    expect(logs.map(({ text }) => text)).toContain('ignored');
    expect(isRunning(pid)).toBe(false);
  });

  it('ends the listeners', async () => {
    const { mesh } = await openMesh(TWO_SERVICES);
    await mesh.close();
    await expect(get(mesh.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(get(mesh.services['back']!)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('happens when the signal aborts', async () => {
    const stop = new AbortController();
    const { mesh, logged } = await openMesh(TWO_SERVICES, { signal: stop.signal });
    const pid = pidIn(await logged(/^listening/));
    stop.abort();
    await mesh.close();
    await expect(get(mesh.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(isRunning(pid)).toBe(false);
  });
});

it('starts nothing when the signal is already aborted', async () => {
  const config = loadMesh(writeMesh(TWO_SERVICES));
  await expect(startMesh(config, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
    'too late',
  );
});
