/* oxlint-disable no-await-in-loop -- a bench does one thing after another */
// The process that generates the load: a closed loop over a fixed number of connections per service.
import { connect } from './connections.js';

/** @type {Map<string, import('./connections.js').Connection[]>} */
const targets = new Map();

/** Opens the connections to one service and keeps them for the whole run. */
async function open({ target, protocol, port, withLane, connections }) {
  const opening = Array.from({ length: connections }, () => connect[protocol](port, withLane));
  targets.set(target, await Promise.all(opening));
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

const commands = { open, probe, slice };

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
