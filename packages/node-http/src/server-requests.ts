import { EventEmitter } from 'node:events';
import { type IncomingMessage, Server } from 'node:http';
import { Server as HttpsServer } from 'node:https';

// The events of a server for a new request. The second argument is the response or the socket.
const REQUEST_EVENTS: ReadonlySet<string | symbol> = new Set([
  'request',
  'upgrade',
  'connect',
  'checkContinue',
  'checkExpectation',
]);

/** A function that is called for each request of a server; `emit` calls the listeners. */
export type EnterRequest = (request: IncomingMessage, answer: EventEmitter, emit: () => boolean) => boolean;

/**
 * Calls `enter` around every event of a server for a new request, for all listeners.
 *
 * @param server one of `node:http`, `node:https` or `node:http2`
 */
export function enterRequests(server: EventEmitter, enter: EnterRequest): void {
  const prototype = [Server, HttpsServer].find((type) => server instanceof type)?.prototype;
  const { emit } = server;
  // An `emit` that other code has set on this server or its class does not know the relay.
  const relay = emit === prototype?.emit ? createRelay(server, enter) : undefined;
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const isRequest = REQUEST_EVENTS.has(event);
    if (relay === undefined) {
      const emitOn = (): boolean => Reflect.apply(emit, server, [event, ...args]);
      return isRequest ? enter(args[0] as IncomingMessage, args[1] as EventEmitter, emitOn) : emitOn();
    }
    // Read for each event, because an instrumentation may replace it later.
    const instrumented = prototype?.emit ?? emit;
    if (isRequest && instrumented === EventEmitter.prototype.emit)
      return enter(args[0] as IncomingMessage, args[1] as EventEmitter, () =>
        Reflect.apply(instrumented, server, [event, ...args]),
      );
    return Reflect.apply(instrumented, isRequest ? relay : server, [event, ...args]);
  };
}

/**
 * Returns an emitter that enters the lane inside the context that OpenTelemetry's http instrumentation creates for each request. The
 * instrumentation replaces the `emit` of servers, so its `emit` is called on this relay, which then emits on the server.
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
