import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { io as connectClient, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { NO_REDIS, type RedisServer, startRedis } from './redis-server.fixture.js';

const inNodes = (file: string): string => fileURLToPath(new URL(`../test/nodes/${file}`, import.meta.url));

interface Message {
  readonly index?: number;
  readonly port?: number;
  readonly what?: string;
}

/** Two nodes in two processes. */
interface Nodes {
  /** What each node reported and nobody has taken. */
  readonly heard: readonly [string[], string[]];
  readonly connect: (index: 0 | 1, version?: string) => Promise<Socket>;
  readonly stop: () => Promise<void>;
}

// The nodes load the build, as users do.
async function startNodes(kind: string, redis?: RedisServer): Promise<Nodes> {
  const env = {
    ...process.env,
    KIND: kind,
    REDIS: JSON.stringify(redis?.options),
    NODE_OPTIONS: '',
    VITEST: '',
  };
  const files = kind === 'cluster' ? ['primary.mjs'] : ['node.mjs', 'node.mjs'];
  const heard: [string[], string[]] = [[], []];
  const ports: number[] = [];
  const children: ChildProcess[] = [];
  const clients: Socket[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const [position, file] of files.entries()) {
      const child = fork(inNodes(file), { env, execArgv: ['--no-warnings'] });
      children.push(child);
      child.once('exit', (code) =>
        reject(new Error(`A node ended with code ${code}. Run npm run build first.`)),
      );
      child.on('message', ({ index = position, port, what }: Message) => {
        if (what !== undefined) heard[index as 0 | 1].push(what);
        if (port === undefined) return;
        ports[index] = port;
        if (ports[0] !== undefined && ports[1] !== undefined) resolve();
      });
    }
  });
  return {
    heard,
    async connect(index, version) {
      const client = connectClient(`http://127.0.0.1:${ports[index]}`, {
        transports: ['websocket'],
        extraHeaders: version === undefined ? {} : { version },
        forceNew: true,
        reconnection: false,
      });
      clients.push(client);
      await new Promise((resolve, reject) => {
        client.once('connect', () => resolve(undefined));
        client.once('connect_error', reject);
      });
      return client;
    },
    async stop() {
      for (const client of clients) client.disconnect();
      for (const child of children) {
        const exit = once(child, 'exit');
        child.disconnect();
        await exit;
      }
    },
  };
}

describe.each([
  { kind: 'cluster', needsRedis: false },
  { kind: 'redis', needsRedis: true },
  { kind: 'redis streams', needsRedis: true },
])('two processes, the $kind adapter', ({ kind, needsRedis }) => {
  const isSkipped = needsRedis && NO_REDIS !== undefined;
  let redis: RedisServer | undefined;
  let nodes: Nodes;
  let here: Socket;
  let there: Socket;
  let plain: Socket;
  let news: string[];

  const command = async (name: string, arg?: string): Promise<string[]> =>
    here.timeout(10_000).emitWithAck('command', name, arg ?? null) as Promise<string[]>;
  const receivedBy = async (...clients: Socket[]): Promise<string[]> =>
    Promise.all(
      clients.map(async (client) => new Promise<string>((resolve) => client.once('news', resolve))),
    );

  beforeAll(async () => {
    if (isSkipped) return;
    redis = needsRedis ? await startRedis() : undefined;
    nodes = await startNodes(kind, redis);
    [here, there, plain] = await Promise.all([
      nodes.connect(0, 'a'),
      nodes.connect(1, 'b'),
      nodes.connect(1),
    ]);
    for (const [client, name] of [
      [here, 'a'],
      [there, 'b'],
      [plain, 'plain'],
    ] as const)
      client.on('ask', (answer: (text: string) => void) => answer(`answer of ${name}`));
    // The nodes may learn of one another after they have started.
    await vi.waitFor(async () => expect(await command('fetch')).toHaveLength(4), {
      timeout: 15_000,
      interval: 50,
    });
  }, 30_000);
  afterAll(async () => {
    await nodes?.stop();
    await redis?.stop();
  });

  if (isSkipped) process.stderr.write(`${kind} adapter: ${NO_REDIS}\n`);

  test.skipIf(isSkipped)('fetchSockets shows the lanes of both nodes', async () => {
    expect(await command('fetch')).toEqual(['a', 'b', 'baseline', 'a']);
  });

  test.skipIf(isSkipped)('a broadcast reaches both nodes, and each socket has its lane', async () => {
    nodes.heard.forEach((all) => all.splice(0));
    const all = receivedBy(here, there, plain);
    expect(await command('broadcast')).toEqual(['a']);
    expect(await all).toEqual(['to all', 'to all', 'to all']);
    await vi.waitFor(() => expect(nodes.heard[1]).toHaveLength(2));
    expect(nodes.heard[0]).toEqual(['news sent in a']);
    expect(nodes.heard[1].toSorted()).toEqual(['news sent in b', 'news sent in baseline']);
  });

  test.skipIf(isSkipped)('a broadcast to the room of a lane on the other node', async () => {
    news = [];
    for (const [client, name] of [
      [here, 'a'],
      [plain, 'plain'],
    ] as const)
      client.once('news', () => news.push(name));
    const received = receivedBy(there);
    await command('room', 'b');
    expect(await received).toEqual(['to b']);
    expect(await command('fetch')).toHaveLength(4);
    expect(news).toEqual([]);
    here.off('news');
    plain.off('news');
  });

  test.skipIf(isSkipped).each(['ask', 'ask and wait'])(
    'sockets of both nodes answer, and the caller continues: %s',
    async (name) => {
      const answers = await command(name);
      expect(answers.toSorted()).toEqual(['a', 'a', 'answer of a', 'answer of b', 'answer of plain']);
    },
  );

  test.skipIf(isSkipped)(
    'serverSideEmit runs at the baseline there, and its answer in the lane here',
    async () => {
      nodes.heard.forEach((all) => all.splice(0));
      expect(await command('serverSide', 'hello')).toEqual(['a', 'hello heard', 'a']);
      expect(nodes.heard).toEqual([[], ['hello in baseline']]);
    },
  );

  test.skipIf(isSkipped)('a node disconnects the sockets of a lane on the other one', async () => {
    nodes.heard.forEach((all) => all.splice(0));
    const gone = new Promise((resolve) => there.once('disconnect', resolve));
    await command('kick', 'b');
    expect(await gone).toBe('io server disconnect');
    await vi.waitFor(() => expect(nodes.heard[1]).toEqual(['disconnect in b']));
    expect(here.connected && plain.connected).toBe(true);
  });
});
