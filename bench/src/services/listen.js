/**
 * What every service under test does beside its work: listens on a free loopback port, tells the runner which, answers
 * the runner's question for the CPU time used so far, and ends with the runner, however that ends.
 *
 * @param {import('node:http').Server} server
 */
export function listenForBench(server) {
  // Connections idle while the other services have their turn; the default of 5 s would close them.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMicroseconds: user + system });
  });
  // An orderly exit, so that `--cpu-prof` gets to write its profile.
  process.on('disconnect', () => process.exit());
}

/** Where the service finds its upstream: the first argument of every service. */
export const upstream = `http://127.0.0.1:${process.argv[2]}/hello`;

/** The same over HTTP/2: the second one. */
export const upstreamHttp2 = `http://127.0.0.1:${process.argv[3]}`;
