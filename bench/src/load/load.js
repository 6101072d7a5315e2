/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
// The process that generates the load: a closed loop over a fixed number of connections per service.
import { connect } from './connections.js';

/** @type {Map<string, import('./connections.js').Connection[]>} */
const targets = new Map();

// More handshakes at once would overflow the queue of a server that listens.
const HANDSHAKES = 50;

/** Opens the connections to one service, keeps them until they are closed, and returns the time that it took. */
async function open({ target, protocol, port, withLane, connections }) {
  const start = performance.now();
  const opened = [];
  const openAll = async () => {
    for (; left > 0; opened.push(await connect[protocol](port, withLane))) left -= 1;
  };
  let left = connections;
  await Promise.all(Array.from({ length: Math.min(HANDSHAKES, connections) }, openAll));
  targets.set(target, opened);
  return { milliseconds: performance.now() - start };
}

/** Closes the connections to one service. */
async function close({ target }) {
  await Promise.all(targets.get(target).map((connection) => connection.close()));
  targets.delete(target);
  return {};
}

/** Sends every lane of every connection of the targets once, on all connections at the same time, and returns the lanes. */
async function probe({ targets: names }) {
  const sent = [];
  await Promise.all(
    names
      .flatMap((name) => targets.get(name))
      .map(async (connection) => {
        for (const lane of connection.lanes) {
          await connection.call();
          sent.push(lane);
        }
      }),
  );
  return { sent };
}

/** Makes one call on every connection and returns how many were answered with the connection's lane. */
async function answers({ target }) {
  const all = await Promise.all(
    targets.get(target).map(async ({ call, lanes }) => (await call()) === `Hello ${lanes[0]}`),
  );
  return { right: all.filter(Boolean).length, sent: all.length };
}

/** Makes exactly `calls` calls as fast as possible and returns the time that they took. */
async function slice({ target, calls }) {
  let left = calls;
  const start = performance.now();
  await Promise.all(
    targets.get(target).map(async (connection) => {
      while (left-- > 0) await connection.call();
    }),
  );
  return { milliseconds: performance.now() - start };
}

const commands = { open, close, probe, answers, slice };

/** Runs a command of the runner and sends the result. */
async function answer({ command, ...message }) {
  try {
    process.send(await commands[command](message));
  } catch (error) {
    process.send({ error: `${error.message} (${message.target ?? message.targets})` });
  }
}

process.on('message', (message) => void answer(message));
process.on('disconnect', () => process.exit());
process.send({ ready: true });
