import { EventEmitter } from 'node:events';
import { type IncomingMessage, Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';

// The events of a server that bring a request; the second argument is what answers it, a response or a socket.
const REQUEST_EVENTS: ReadonlySet<string | symbol> = new Set([
  'request',
  'upgrade',
  'connect',
  'checkContinue',
  'checkExpectation',
]);

/** Called around each request of a server; `emit` calls its listeners. */
export type EnterRequest = (request: IncomingMessage, answer: EventEmitter, emit: () => boolean) => boolean;

/**
 * Calls `enter` around every event of a server that brings a request, for every listener, whenever it was added.
 *
 * @param server one of `node:http`, `node:https` or `node:http2`
 */
export function enterRequests(server: EventEmitter, enter: EnterRequest): void {
  const prototype = [Server, HttpsServer].find((type) => server instanceof type)?.prototype;
  const { emit } = server;
  // One that somebody else gave this very server, or a class of theirs, knows nothing of a relay.
  const relay = emit === prototype?.emit ? createRelay(server, enter) : undefined;
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const isRequest = REQUEST_EVENTS.has(event);
    if (relay === undefined) {
      const emitOn = (): boolean => Reflect.apply(emit, server, [event, ...args]);
      return isRequest ? enter(args[0] as IncomingMessage, args[1] as EventEmitter, emitOn) : emitOn();
    }
    // Looked up for each event: an instrumentation may replace it later.
    const instrumented = prototype?.emit ?? emit;
    if (isRequest && instrumented === EventEmitter.prototype.emit)
      return enter(args[0] as IncomingMessage, args[1] as EventEmitter, () =>
        Reflect.apply(instrumented, server, [event, ...args]),
      );
    return Reflect.apply(instrumented, isRequest ? relay : server, [event, ...args]);
  };
}

/**
 * OpenTelemetry's http instrumentation replaces the servers' `emit`, and starts each request in a context of its own. The lane must be
 * entered inside of that: it emits on this relay, which then emits on the server.
 */
function createRelay(server: EventEmitter, enter: EnterRequest): EventEmitter {
  const relay = new EventEmitter();
  for (const event of REQUEST_EVENTS) {
    relay.on(event, (request: IncomingMessage, answer: EventEmitter, ...rest: unknown[]) => {
      enter(request, answer, () =>
        Reflect.apply(EventEmitter.prototype.emit, server, [event, request, answer, ...rest]),
      );
    });
  }
  return relay;
}
