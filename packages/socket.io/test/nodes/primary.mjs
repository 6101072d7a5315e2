// The primary process of the cluster adapter. It passes on what its two workers report.
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { setupPrimary } from '@socket.io/cluster-adapter';

cluster.setupPrimary({ exec: fileURLToPath(new URL('node.mjs', import.meta.url)) });
setupPrimary();
for (const index of [0, 1]) {
  cluster.fork().on('message', ({ port, what }) => {
    if (port !== undefined || what !== undefined) process.send({ index, port, what });
  });
}
process.on('disconnect', () => process.exit());
