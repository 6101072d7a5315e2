// Runs the upstream in a separate process, so that the client cannot change the records: `node upstream-process.mjs SCHEME`.
import type { Client } from './client.js';
import type { UpstreamMessage } from './messages.js';
import { startUpstream } from './upstream.js';

const upstream = await startUpstream(process.argv[2] as NonNullable<Client['scheme']>);
const send = (message: UpstreamMessage): void => void process.send?.(message);
process.on('message', () => send({ arrivals: upstream.arrivals, peak: upstream.peak() }));
process.on('disconnect', () => process.exit());
send({ addresses: upstream.addresses });
