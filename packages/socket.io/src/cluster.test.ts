import { EventEmitter } from 'node:events';
import { type ClusterMessage, type ClusterResponse, ClusterAdapter } from 'socket.io-adapter-highest';
import { afterEach, expect, test } from 'vitest';
import { CALLER, lanes, OPENER, openScene, type Scene, TRANSPORTS } from './socket-io-lane.fixture.js';

/** Joins two servers by a bus that calls back in another lane, as the client of a broker may. */
class BusAdapter extends ClusterAdapter {
  static readonly bus = new EventEmitter();

  constructor(namespace: unknown) {
    super(namespace);
    BusAdapter.bus.on('message', (message: ClusterMessage) => this.onMessage(message));
    BusAdapter.bus.on(`to ${this.uid}`, (response: ClusterResponse) => this.onResponse(response));
  }

  override serverCount(): Promise<number> {
    return Promise.resolve(2);
  }

  protected override doPublish(message: ClusterMessage): Promise<string> {
    return this.send('message', message);
  }

  protected override async doPublishResponse(uid: string, response: ClusterResponse): Promise<void> {
    await this.send(`to ${uid}`, response);
  }

  private send(to: string, what: unknown): Promise<string> {
    lanes.run(OPENER, () => setImmediate(() => BusAdapter.bus.emit(to, what)));
    return Promise.resolve('');
  }
}

let scenes: readonly Scene[] = [];
afterEach(async () => {
  await Promise.all(scenes.map((scene) => scene.close()));
  BusAdapter.bus.removeAllListeners();
});

const transports = Object.keys(TRANSPORTS) as (keyof typeof TRANSPORTS)[];

test.each(transports)(
  'the other server answers last, and the caller continues in its lane: %s',
  async (transport) => {
    const options = { adapter: BusAdapter };
    const open = (): Promise<Scene> => openScene({ server: 'highest', transport, options });
    const [here, there] = (scenes = [await open(), await open()]) as [Scene, Scene];
    for (const client of [await here.connect('a'), await there.connect('b')]) {
      client.on('ask', (answer: (text: string) => void) => answer('here'));
    }
    lanes.run(CALLER, () => here.io.timeout(60_000).emit('ask', here.note));
    expect(await here.noted()).toBe('caller');
  },
);

test.each(transports)('disconnected by the other server: %s', async (transport) => {
  const options = { adapter: BusAdapter };
  const open = (): Promise<Scene> => openScene({ server: 'highest', transport, options });
  const [here, there] = (scenes = [await open(), await open()]) as [Scene, Scene];
  there.io.on('connection', (socket) => void socket.on('disconnect', there.note));
  await there.connect('b');
  lanes.run(CALLER, () => here.io.disconnectSockets());
  expect(await there.noted()).toBe('b');
});
