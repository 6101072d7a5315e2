import type { EventEmitter } from 'node:events';
import type {
  Http2SecureServer,
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import { type LaneContext, LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { bindEmitter, captureRequest, enterRequests, isBound, runRequest } from '@laneway/node-http';

type EmitArgs = [event: string | symbol, ...args: unknown[]];
type Emit = (...args: EmitArgs) => boolean;
type StreamEvent = ['stream', ServerHttp2Stream, IncomingHttpHeaders, flags: number, raw?: string[]];

/**
 * Makes an http2 server run each stream and each request in its lane, for every listener, whenever it was added: of the core API
 * (`stream`), of the compatibility API (`request`), and of HTTP/1 where the server allows it. Each stream of a session has a lane of
 * its own, and the streams that it pushes are in it.
 *
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @returns the server
 * @throws {LanewayAdapterError} when it is handed something that is no server
 * @example
 * const server = http2Lane(http2.createServer(handler), lanes);
 */
export function http2Lane<S extends Http2Server | Http2SecureServer>(server: S, lanes?: Lanes): S {
  if (typeof server?.emit !== 'function')
    throw new LanewayAdapterError('http2Lane was handed no server. Hand it what http2.createServer returns.');
  const own = lanesFor('http2Lane', lanes);
  enterRequests(server, (request, answer, emit) => {
    const { stream } = request as { stream?: ServerHttp2Stream };
    if (stream === undefined || !isBound(stream)) return runRequest(own, request, answer, emit);
    // Made of a stream, whose lane this is.
    bindEmitter(answer, bindEmitter(request));
    return emit();
  });
  const emit = server.emit as Emit;
  server.emit = (...args: EmitArgs): boolean => {
    if (args[0] === 'session') enterStreams(args[1] as ServerHttp2Session, own);
    return args[0] === 'stream' ? enterStream(own, server, emit, args) : Reflect.apply(emit, server, args);
  };
  return server;
}

/** The session emits a stream before the server does: some listen there. */
function enterStreams(session: ServerHttp2Session, lanes: Lanes): void {
  const emit = session.emit as Emit;
  session.emit = (...args: EmitArgs): boolean =>
    args[0] === 'stream' ? enterStream(lanes, session, emit, args) : Reflect.apply(emit, session, args);
}

function enterStream(lanes: Lanes, emitter: EventEmitter, emit: Emit, args: EmitArgs): boolean {
  const [, stream, headers, , raw] = args as StreamEvent;
  if (isBound(stream)) return Reflect.apply(emit, emitter, args);
  return lanes.run(captureStream(lanes, stream, headers, raw), () => {
    bindEmitter(stream);
    stream.pushStream = pushInContext;
    return Reflect.apply(emit, emitter, args);
  });
}

function captureStream(
  lanes: Lanes,
  { session }: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  raw: string[] = [],
): LaneContext {
  // The socket of a session that is gone throws for whatever is asked of it.
  const socket = session === undefined || session.destroyed ? undefined : session.socket;
  return captureRequest(lanes, { headers, rawHeaders: raw, socket });
}

type PushCallback = (error: Error | null, pushed?: ServerHttp2Stream, ...rest: unknown[]) => void;

/** What becomes of a pushed stream is told from wherever its session is. */
function pushInContext(this: ServerHttp2Stream, ...args: unknown[]): void {
  const bind = (callback: PushCallback): PushCallback => {
    return (error, pushed, ...rest) => {
      if (pushed !== undefined) bindEmitter(pushed);
      callback(error, pushed, ...rest);
    };
  };
  const bound = args.map((arg) => (typeof arg === 'function' ? bind(arg as PushCallback) : arg));
  const { pushStream } = Object.getPrototypeOf(this) as ServerHttp2Stream;
  Reflect.apply(pushStream, this, bound);
}
