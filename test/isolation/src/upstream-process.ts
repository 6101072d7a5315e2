// A process of its own, so that what the client does cannot change what arrives: `node upstream-process.mjs SCHEME`.
import type { Client } from './client.js';
import type { UpstreamMessage } from './messages.js';
import { startUpstream } from './upstream.js';

const upstream = await startUpstream(process.argv[2] as NonNullable<Client['scheme']>);
const tell = (message: UpstreamMessage): void => void process.send?.(message);
process.on('message', () => tell({ arrivals: upstream.arrivals, peak: upstream.peak() }));
process.on('disconnect', () => process.exit());
tell({ addresses: upstream.addresses });
