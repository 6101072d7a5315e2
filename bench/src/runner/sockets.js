/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
import { Child } from './children.js';
import { median, spread } from './statistics.js';

const WAYS = [
  { name: 'by-hand', title: 'by hand', args: ['by-hand'] },
  { name: 'by-hand-again', title: 'by hand, again', args: ['by-hand'] },
  { name: 'laneway', title: 'Laneway', args: ['laneway'] },
  { name: 'opentelemetry', title: 'OpenTelemetry', args: ['plain'], preload: 'services/opentelemetry.js' },
];

const FEW = 20;

/**
 * @typedef {object} SocketFigures
 * @property {string} title
 * @property {number} acceptMicroseconds CPU time per connection
 * @property {string} lane whether the handlers saw the lane
 * @property {number} heapBytes per connection, more than by hand
 * @property {import('./statistics.js').Spread} accept time of by hand divided by this one's; above 1 is better
 * @property {import('./statistics.js').Spread} acceptCpu
 * @property {{ connections: number, eventsPerSecond: number, throughput: import('./statistics.js').Spread, cpu: import('./statistics.js').Spread }[]} events
 */

/**
 * Measures what a socket.io connection costs: heap, the time to accept it, and events per second over few and over many connections.
 *
 * Each way has a service and a load of its own, because one process cannot hold the connections of all of them.
 *
 * @param {{ node: string, quick: boolean, variants?: string[], rounds?: number, progress: (line: string) => void }} options
 * @returns {Promise<SocketFigures[]>}
 */
export async function measureSockets({ node, quick, variants, rounds, progress }) {
  const many = quick ? 1000 : 5000;
  const turns = rounds ?? (quick ? 6 : 20);
  const ways = WAYS.filter(({ name }) => name === 'by-hand' || !variants || variants.includes(name));
  const crews = [];
  try {
    for (const way of ways) crews.push(await startCrew(way, node));
    progress('sockets: warming up');
    await inTurns(crews, 4, async (crew) => {
      await crew.open(FEW);
      await crew.slice(2000);
      await crew.close();
    });
    progress(`sockets: accepting ${many} connections`);
    const accepts = await inTurns(crews, Math.ceil(turns / 2), async (crew) => {
      const sample = await crew.open(many);
      await crew.close();
      return sample;
    });
    const events = [await measureEvents(crews, { connections: FEW, turns, progress })];
    progress(`sockets: heap of ${many} connections`);
    const heap = [];
    for (const crew of crews) heap.push(await measureHeap(crew, many));
    events.push(await measureEvents(crews, { connections: many, turns, isOpen: true, progress }));
    return crews.map((crew, index) => ({
      title: crew.title,
      lane: heap[index].lane,
      heapBytes: heap[index].bytes - heap[0].bytes,
      accept: compare(accepts, index, 'milliseconds'),
      acceptCpu: compare(accepts, index, 'cpuMicroseconds'),
      acceptMicroseconds: median(accepts.map((round) => round[index].cpuMicroseconds)) / many,
      events: events.map((all) => all[index]),
    }));
  } finally {
    await Promise.all(crews.map((crew) => crew.stop()));
  }
}

async function measureEvents(crews, { connections, turns, isOpen = false, progress }) {
  progress(`sockets: events over ${connections} connections`);
  if (!isOpen) for (const crew of crews) await crew.open(connections);
  // Each connection answers once before the measurement: the first event of a connection costs more than the others.
  const calls = Math.max(3000, connections);
  await inTurns(crews, 2, (crew) => crew.slice(calls));
  const samples = await inTurns(crews, turns, (crew) => crew.slice(calls));
  for (const crew of crews) await crew.close();
  return crews.map((_crew, index) => ({
    connections,
    eventsPerSecond: median(samples.map((round) => (calls / round[index].milliseconds) * 1000)),
    throughput: compare(samples, index, 'milliseconds'),
    cpu: compare(samples, index, 'cpuMicroseconds'),
  }));
}

/** Leaves the connections open. Each has answered an event, because the first event may create objects that stay. */
async function measureHeap(crew, connections) {
  const before = await crew.heapBytes();
  await crew.open(connections);
  const { right, sent } = await crew.answers();
  if (right < sent && crew.mustArrive)
    throw new Error(`sockets, ${crew.title}: ${right} of ${sent} handlers saw the lane of their connection.`);
  const lane = right === sent ? 'arrives' : `arrives at ${right} of ${sent}`;
  return { bytes: ((await crew.heapBytes()) - before) / connections, lane };
}

/** Runs a step for each crew forth and back (A B C, C B A), starting with another one each round, and adds up the two samples. */
async function inTurns(crews, rounds, step) {
  const samples = [];
  for (let round = 0; round < rounds; round++) {
    const order = crews.map((_, index) => (index + round) % crews.length);
    const sums = crews.map(() => ({ milliseconds: 0, cpuMicroseconds: 0 }));
    for (const index of [...order, ...order.toReversed()]) {
      const sample = await step(crews[index]);
      sums[index].milliseconds += (sample?.milliseconds ?? 0) / 2;
      sums[index].cpuMicroseconds += (sample?.cpuMicroseconds ?? 0) / 2;
    }
    samples.push(sums);
  }
  return samples;
}

/** The figure of by hand divided by that of another way, in each round. */
function compare(samples, index, figure) {
  return spread(samples.map((round) => round[0][figure] / round[index][figure]));
}

/** Starts the service and the load of one way. */
async function startCrew({ title, args, preload }, node) {
  const imports = preload ? ['--import', new URL(`../${preload}`, import.meta.url).href] : [];
  const service = new Child(`sockets ${title}`, 'services/sockets.js', {
    node,
    args,
    execArgv: ['--expose-gc', ...imports],
  });
  const load = new Child(`load of ${title}`, 'load/load.js', { node });
  const stop = async () => {
    await Promise.all([service.stop(), load.stop()]);
  };
  const measure = async (command) => {
    const before = await service.ask({});
    const { milliseconds } = await load.ask(command);
    const after = await service.ask({});
    return { milliseconds, cpuMicroseconds: after.cpuMicroseconds - before.cpuMicroseconds };
  };
  try {
    const { port } = await service.hello;
    await load.hello;
    const target = 'sockets';
    return {
      title,
      stop,
      mustArrive: preload === undefined,
      open: (connections) =>
        measure({ command: 'open', target, protocol: 'socket.io', port, withLane: true, connections }),
      answers: () => load.ask({ command: 'answers', target }),
      slice: (calls) => measure({ command: 'slice', target, calls }),
      heapBytes: async () => (await service.ask({ heap: true })).heapBytes,
      async close() {
        await load.ask({ command: 'close', target });
        // The service may learn of the last ones after the load.
        while ((await service.ask({})).connections > 0);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
