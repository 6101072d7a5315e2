/**
 * The common part of every service under test. It listens on a free loopback port, sends the port to the runner, answers the runner's
 * questions about its CPU time, and ends when the runner ends.
 *
 * @param {import('node:http').Server} server
 */
export function listenForBench(server) {
  // Connections are idle during the turns of other services. The default of 5 s would close them.
  server.keepAliveTimeout = 120_000;
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMicroseconds: user + system });
  });
  // Exit normally, so that `--cpu-prof` writes its profile.
  process.on('disconnect', () => process.exit());
}

/** The URL of the upstream. Its port is the first argument of every service. */
export const upstream = `http://127.0.0.1:${process.argv[2]}/hello`;

/** The URL of the HTTP/2 upstream. Its port is the second argument. */
export const upstreamHttp2 = `http://127.0.0.1:${process.argv[3]}`;
