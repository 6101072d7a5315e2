import { BASELINE } from '@laneway/core';
import { EventEmitter, once } from 'node:events';
import { lanes, name, type Stand } from './lane-count.js';

/** The code of an application that streams news. It knows nothing of a framework. */
export interface News {
  /** Sends the lane at once, from a timer, and for news of a shared emitter. Returns a function that ends it. */
  send(write: (text: string) => unknown): () => void;
  /** Long polling: answers with the lane at the next news. */
  poll(answer: (text: string) => unknown): void;
  /** For listeners of `close`: notes the lane in which it is called. */
  close(id: string, stop: () => void): void;
  /** Returns the lane in which a response with this id was closed. */
  closed(id: string): Promise<string>;
  end(): void;
}

/** Returns news whose emitter emits in the lane of another unit of work. */
export function createNews(): News {
  const emitter = new EventEmitter().setMaxListeners(0);
  const closes = new Map<string, string>();
  const publish = (): void => {
    emitter.emit('news');
  };
  const publisher = lanes.run(BASELINE.set('version', 'publisher'), () => setInterval(publish, 5), {});
  return {
    send(write) {
      const listener = lanes.bind(() => write(`data: ${name()}\n\n`));
      write(`data: ${name()}\n\n`);
      const timer = setInterval(() => write(`data: ${name()}\n\n`), 2);
      emitter.on('news', listener);
      return () => {
        clearInterval(timer);
        emitter.off('news', listener);
      };
    },
    poll(answer) {
      emitter.once(
        'news',
        lanes.bind(() => answer(name())),
      );
    },
    close(id, stop) {
      stop();
      closes.set(id, name());
      emitter.emit(`closed ${id}`);
    },
    async closed(id) {
      if (!closes.has(id)) await once(emitter, `closed ${id}`);
      return closes.get(id) ?? 'missing';
    },
    end: () => clearInterval(publisher),
  };
}

let last = 0;

/** A client of `/events`, `/poll` and `/closed`. Its requests share connections with those of other clients. */
export function streamStand(port: number, news: News, close: () => unknown): Stand {
  const url = (path: string, id: number): string => `http://127.0.0.1:${port}/${path}?id=${id}`;
  return {
    async connect(headers) {
      const ask = async (path: string, id: number): Promise<string> =>
        (await fetch(url(path, id), { headers })).text();
      const readEvents = async (id: number): Promise<string[]> => {
        const controller = new AbortController();
        const { body } = await fetch(url('events', id), { headers, signal: controller.signal });
        let text = '';
        for await (const chunk of body ?? []) {
          text += Buffer.from(chunk).toString();
          if (text.split('\n\n').length > 6) break;
        }
        controller.abort();
        return [...text.matchAll(/data: (.*)/g)].map(([, lane = 'missing']) => lane);
      };
      return {
        async ask() {
          const id = last++;
          const [polled, events] = await Promise.all([ask('poll', id), readEvents(id)]);
          return [polled, ...events, await ask('closed', id)];
        },
        close: () => undefined,
      };
    },
    async close() {
      news.end();
      await close();
    },
  };
}
