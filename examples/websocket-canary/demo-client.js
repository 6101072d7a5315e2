import { io } from 'socket.io-client';
import { inTime } from './in-time.js';

/** A real socket.io client, with a lane or without one. */
export class DemoClient {
  /** Every broadcast that this client received. */
  broadcasts = [];
  #socket;
  #onReply = () => {};
  #onBroadcast = new Set();

  constructor(url, transports, version) {
    this.#socket = io(url, {
      transports,
      forceNew: true,
      autoConnect: false,
      reconnectionDelay: 20,
      extraHeaders: askFor(version),
    });
    this.#socket.on('hello', (message, acknowledge) => {
      acknowledge('got it');
      this.#onReply(message);
    });
    this.#socket.on('okok', (message) => {
      this.broadcasts.push(message);
      for (const resolve of this.#onBroadcast) resolve(message);
      this.#onBroadcast.clear();
    });
  }

  /** Connects. Rejects with the answer of the mesh when it refuses. */
  async connect() {
    const connected = new Promise((resolve, reject) => {
      this.#socket.once('connect', resolve);
      this.#socket.once('connect_error', (error) => {
        this.close();
        // Over polling the answer is readable, over websocket only its status.
        const text = error.context?.responseText?.trim();
        reject(new Error(text || error.description?.message || error.message, { cause: error }));
      });
    });
    this.#socket.connect();
    await inTime(connected, () => 'connecting');
  }

  /** Drops the connection and reconnects with another version. */
  async reconnectAs(version) {
    const { io: manager } = this.#socket;
    manager.opts.extraHeaders = askFor(version);
    const back = new Promise((resolve) => this.#socket.once('connect', resolve));
    manager.engine.close();
    await inTime(back, () => 'reconnecting');
  }

  /** Sends `count` messages to wsk, at most `atOnce` at a time, and resolves with all answers. */
  async ask(count = 1, atOnce = 25) {
    const answers = [];
    let sent = 0;
    const send = () => {
      sent++;
      this.#socket.emit('test000', 'hello?');
    };
    const all = new Promise((resolve) => {
      this.#onReply = (message) => {
        answers.push(message);
        if (sent < count) send();
        if (answers.length === count) resolve();
      };
    });
    while (sent < Math.min(count, atOnce)) send();
    await inTime(all, () => `waiting for ${count} replies, of which ${answers.length} came,`);
    return answers;
  }

  /** Resolves with the next broadcast of wsk's timer. */
  nextBroadcast() {
    return inTime(new Promise((resolve) => this.#onBroadcast.add(resolve)), () => 'waiting for okok');
  }

  /** Resolves with the transport, after a pending upgrade. */
  async transport() {
    const { engine, opts } = this.#socket.io;
    if (engine.transport.name !== opts.transports.at(-1)) {
      await inTime(new Promise((resolve) => engine.once('upgrade', resolve)), () => 'upgrading');
    }
    return engine.transport.name;
  }

  close() {
    this.#socket.disconnect();
  }
}

function askFor(version) {
  return version === undefined ? {} : { version };
}
