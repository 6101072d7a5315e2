// What surrounds the programs of seed 000 in their cluster, loaded before them: the name and port of helloworld, the port of wsk, an address
// of the pod, and a clock that runs 20 times as fast, because wsk broadcasts every 30 seconds.
import net from 'node:net';
import os from 'node:os';

// The Node of 2023 had no global WebSocket. The client would use it, and it sends no headers.
Reflect.deleteProperty(globalThis, 'WebSocket');

const { HELLOWORLD_PORT } = process.env;
const SPEED = 20;

const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = Array.isArray(args[0]) ? args[0] : args;
  if (options?.host === 'helloworld')
    Object.assign(options, { host: '127.0.0.1', port: Number(HELLOWORLD_PORT) });
  return Reflect.apply(connect, this, args);
};

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function () {
  return Reflect.apply(listen, this, [0, '127.0.0.1', () => process.send({ port: this.address().port })]);
};

os.networkInterfaces = () => ({ eth0: [{ family: 'IPv4', internal: false, address: '192.168.1.60' }] });

// Only the timers of the programs: the libraries' time limits stay.
for (const name of ['setTimeout', 'setInterval']) {
  const original = globalThis[name];
  const fast = (fn, ms, ...args) =>
    original(fn, /\/(wsk|client-socket)\.mjs/.test(new Error().stack) ? ms / SPEED : ms, ...args);
  globalThis[name] = fast;
}

process.on('disconnect', () => process.exit());
