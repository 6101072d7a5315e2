// Makes the calls of one client in one way: `node subject-process.mjs CLIENT WAY CALLS`.
import { once } from 'node:events';
import { clients } from './clients/index.js';
import type { Begin, SubjectMessage } from './messages.js';
import { makePlan } from './plan.js';
import { runCalls } from './run-calls.js';
import { startWay } from './start-way.js';
import type { WayName } from './way.js';

const [, , name, wayName, calls] = process.argv;
const begin = once(process, 'message') as Promise<[Begin]>;
process.on('disconnect', () => process.exit());
const send = (message: SubjectMessage): void => void process.send?.(message);

const client = clients.find((known) => known.name === name);
if (client === undefined) throw new Error(`There is no client "${name}". Use a name of clients/index.ts.`);
const way = await startWay(wayName as WayName);
const open = await client.load();
const [{ addresses }] = await begin;
const plan = makePlan(Number(calls));
const outcome = await runCalls({ client, open, way, plan, addresses, onRound: (round) => send({ round }) });
// The parent ends this process when it has read the outcome.
send({ outcome });
