import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Http2SecureServer, Http2Server, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { bindEmitter, enterRequest, enterRequests, isBound, lanesOf, runBound } from '@laneway/node-http';
import { enterStream, type StreamEvent } from './enter-stream.js';

type EmitArgs = [event: string | symbol, ...args: unknown[]];
type Emit = (...args: EmitArgs) => boolean;

/**
 * Makes an http2 server run each stream and each request in its lane. It covers every listener, whenever it is added: of the core API
 * (`stream`), of the compatibility API (`request`), and of HTTP/1 where the server allows it. Each stream of a session has its own lane,
 * and the streams that it pushes run in that lane.
 *
 * Called twice on one server with different `lanes`, the first one decides and the process warns.
 *
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @returns the server
 * @throws {LanewayAdapterError} when `server` is not a server, or `lanes` is something else, such as a policy
 * @example
 * const server = http2Lane(http2.createServer(handler), lanes);
 */
export function http2Lane<S extends Http2Server | Http2SecureServer>(server: S, lanes?: Lanes): S {
  if (typeof server?.emit !== 'function')
    throw new LanewayAdapterError(
      `http2Lane received ${server === null ? 'null' : typeof server} instead of a server. ` +
        'Write http2Lane(http2.createServer(handler)).',
    );
  const used = lanesFor('http2Lane', lanes);
  enterRequests(server, (request, answer, emit) => enterCompatible(request, answer, emit, used));
  const emit = server.emit as Emit;
  server.emit = (...args: EmitArgs): boolean => {
    if (args[0] === 'session') enterStreams(args[1] as ServerHttp2Session, used);
    return emitInLane(server, emit, args, used);
  };
  return server;
}

/** The session emits `stream` before the server does, and may have listeners too. */
function enterStreams(session: ServerHttp2Session, lanes: Lanes): void {
  const emit = session.emit as Emit;
  session.emit = (...args: EmitArgs): boolean => emitInLane(session, emit, args, lanes);
}

function emitInLane(emitter: EventEmitter, emit: Emit, args: EmitArgs, lanes: Lanes): boolean {
  const emitOn = (): boolean => Reflect.apply(emit, emitter, args);
  return args[0] === 'stream' ? enterStream(args as StreamEvent, lanes, emitOn) : emitOn();
}

/** A request of the compatibility API runs in the lane of its stream. A request of HTTP/1 has no stream, so its lane is captured here. */
function enterCompatible(
  request: IncomingMessage,
  answer: EventEmitter,
  emit: () => boolean,
  lanes: Lanes,
): boolean {
  const { stream } = request as { stream?: ServerHttp2Stream };
  if (stream === undefined || !isBound(stream) || isBound(request))
    return enterRequest(lanes, request, answer, emit);
  return runBound(stream, () => {
    const binding = bindEmitter(request);
    binding.place.lanes = lanesOf(stream);
    bindEmitter(answer, binding);
    return emit();
  });
}
