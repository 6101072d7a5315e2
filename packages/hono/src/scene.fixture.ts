import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { BASELINE, type Lanes } from '@laneway/core';
import { close, contractLanes, laneHeaders, listen, openWire, type Wire } from '@laneway/testing';
import type { Hono } from 'hono';
import type { HTTPException } from 'hono/http-exception';
import type { stream, streamSSE } from 'hono/streaming';
import { afterEach, beforeEach, expect } from 'vitest';
import { honoLane } from './index.js';

/** A version of hono and of its server for Node. */
export interface HonoParts {
  readonly Hono: typeof Hono;
  readonly HTTPException: typeof HTTPException;
  readonly stream: typeof stream;
  readonly streamSSE: typeof streamSSE;
  readonly serve: (options: {
    fetch: (request: Request, env: object) => Response | Promise<Response>;
  }) => unknown;
}

export const lanes: Lanes = contractLanes();
export const name = (): string => lanes.current().name ?? 'baseline';

const NO_WIRE: Wire = { send: () => Promise.reject(new Error('the server is not started')), close() {} };

/** For each test: a new application with honoLane, its server and a connection to it. */
export class Scene {
  app!: Hono;
  port = 0;
  wire: Wire = NO_WIRE;
  readonly seen: string[] = [];
  readonly #parts: HonoParts;
  readonly #noted = new EventEmitter();
  #server: Server | undefined;

  constructor(parts: HonoParts) {
    this.#parts = parts;
    beforeEach(() => {
      this.seen.length = 0;
      this.app = new parts.Hono();
      this.app.use(honoLane(lanes));
    });
    afterEach(async () => {
      this.wire.close();
      if (this.#server !== undefined) await close(this.#server);
      this.#server = undefined;
    });
  }

  /** Adds a note with the current lane. */
  readonly note = (what: string): void => {
    this.seen.push(`${what} ${name()}`);
    this.#noted.emit('note');
  };

  /** Waits for `count` notes, removes all notes and returns them. */
  async notes(count: number): Promise<string[]> {
    while (this.seen.length < count) await once(this.#noted, 'note');
    return this.seen.splice(0);
  }

  /** Starts the server in a lane that no request may run in. */
  async start(): Promise<void> {
    const { app } = this;
    const server = this.#parts.serve({ fetch: (request, env) => app.fetch(request, env) }) as Server;
    this.#server = server;
    this.port = await lanes.run(BASELINE.set('version', 'starter'), () => listen(server));
    this.wire = openWire(this.port);
  }

  /** Sends requests of three lanes over one connection and checks that every note has the lane of its request. */
  async sendThree(expected: string, path = '/'): Promise<void> {
    for (const lane of ['v2', 'baseline', 'v3']) {
      const answer = await this.wire.send(lane === 'baseline' ? {} : laneHeaders(lane), ['a', 'b'], path);
      expect(answer).toBe(expected);
      const noted = this.seen.splice(0).map((line) => line.split(' ').at(-1));
      expect(new Set(noted)).toEqual(new Set([lane]));
    }
  }
}
