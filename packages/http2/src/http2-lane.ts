import type {
  Http2SecureServer,
  Http2Server,
  IncomingHttpHeaders,
  ServerHttp2Session,
  ServerHttp2Stream,
} from 'node:http2';
import { LanewayAdapterError, type Lanes, lanesFor } from '@laneway/core';
import { bindEmitter, captureRequest, enterRequests, isBound, runRequest } from '@laneway/node-http';

type Emit = (event: string | symbol, ...args: unknown[]) => boolean;
type StreamArgs = [stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw?: string[]];

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
  server.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event === 'session') enterStreams(args[0] as ServerHttp2Session, own);
    const emitOn = (): boolean => Reflect.apply(emit, server, [event, ...args]);
    return event === 'stream' ? enterStream(own, args as StreamArgs, emitOn) : emitOn();
  };
  return server;
}

/** The session emits a stream before the server does: some listen there. */
function enterStreams(session: ServerHttp2Session, lanes: Lanes): void {
  const emit = session.emit as Emit;
  session.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const emitOn = (): boolean => Reflect.apply(emit, session, [event, ...args]);
    return event === 'stream' ? enterStream(lanes, args as StreamArgs, emitOn) : emitOn();
  };
}

function enterStream(lanes: Lanes, [stream, headers, , raw]: StreamArgs, emit: () => boolean): boolean {
  if (isBound(stream)) return emit();
  const { session } = stream;
  // The socket of a session that is gone throws for whatever is asked of it.
  const socket = session === undefined || session.destroyed ? undefined : session.socket;
  return lanes.run(captureRequest(lanes, { headers, rawHeaders: raw ?? [], socket }), () => {
    bindEmitter(stream);
    bindPushed(stream);
    return emit();
  });
}

type PushCallback = (error: Error | null, pushed?: ServerHttp2Stream, ...rest: unknown[]) => void;

/** What becomes of a pushed stream is told from wherever its session is. */
function bindPushed(stream: ServerHttp2Stream): void {
  const { pushStream } = stream;
  stream.pushStream = (...args: unknown[]): void => {
    const bind = (callback: PushCallback): PushCallback => {
      return (error, pushed, ...rest) => {
        if (pushed !== undefined) bindEmitter(pushed);
        callback(error, pushed, ...rest);
      };
    };
    const bound = args.map((arg) => (typeof arg === 'function' ? bind(arg as PushCallback) : arg));
    Reflect.apply(pushStream, stream, bound);
  };
}
