import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { BASELINE, type Carrier, type Lanes, lanesFor } from '@laneway/core';
import { bindEmitter } from '@laneway/node-http';
import { bindListeners } from './session-listeners.js';
import { otherHosts, type SessionTarget } from './session-target.js';

type Request = (headers?: unknown, ...rest: unknown[]) => ClientHttp2Stream;

/** What the requests of a session carry. `laneSession` replaces it when it is called again. */
interface SessionLanes {
  lanes: Lanes;
  target: SessionTarget | undefined;
}

// A registered symbol, so that two copies of this package attach once to a session that both wrap.
const LANES = Symbol.for('laneway.session.2');

interface WrappedSession {
  [LANES]?: SessionLanes;
  request: Request;
  emit: (event: string | symbol, ...args: unknown[]) => boolean;
}

/**
 * Makes the requests of a session carry the lane of the code that calls `session.request`, not of the code that opened the session. The events of a
 * stream run in the context of that code, and the listeners of the session in the context of the code that adds them. Called again on the
 * same session, it replaces the lanes and the target.
 *
 * @param target Where the session is connected: `sessionTarget(authority, options)`. With `undefined`, nothing is attached.
 * @param lanes What `defineLanes` returned. @default the lanes of the process, from `LANEWAY_*`
 * @returns the session
 * @throws {LanewayAdapterError} when `lanes` is something else, such as a policy
 * @example
 * laneSession(http2.connect(url, options), sessionTarget(url, options), lanes);
 */
export function laneSession<S extends ClientHttp2Session>(
  session: S,
  target: SessionTarget | undefined,
  lanes?: Lanes,
): S {
  const wrapped = session as unknown as WrappedSession;
  const used: SessionLanes = { lanes: lanesFor('laneSession', lanes), target };
  if (wrapped[LANES] === undefined) wrapSession(wrapped, used);
  else Object.assign(wrapped[LANES], used);
  return session;
}

/** Returns whether `laneSession` was called with this session. */
export function hasLanes(session: ClientHttp2Session): boolean {
  return LANES in session;
}

function wrapSession(session: WrappedSession, used: SessionLanes): void {
  const { emit, request } = session;
  session[LANES] = used;
  bindListeners(session as unknown as ClientHttp2Session, used.lanes);
  session.request = (headers, ...rest) => {
    const stream: ClientHttp2Stream = Reflect.apply(request, session, [
      attachToRequest(headers, used),
      ...rest,
    ]);
    bindEmitter(stream);
    return stream;
  };
  session.emit = (...args) => {
    const [event, stream] = args;
    if (event !== 'stream') return Reflect.apply(emit, session, args);
    // A stream that the server pushes. Node does not say for which request, and the lane of the code that connected is unrelated.
    return used.lanes.baseline(() => {
      bindEmitter(stream as ClientHttp2Stream);
      return Reflect.apply(emit, session, args);
    });
  };
}

/** Returns the headers of a request with the lane; the original headers at the baseline, and for values that Node refuses. */
function attachToRequest(headers: unknown, { lanes, target }: SessionLanes): unknown {
  if (target === undefined || lanes.current() === BASELINE) return headers;
  if (headers !== undefined && (typeof headers !== 'object' || headers === null)) return headers;
  const original = headers as Carrier | undefined;
  const attached = lanes.attach(original, { to: [target.host, ...otherHosts(original, target)] });
  return Array.isArray(attached) ? withSymbols(attached, original) : attached;
}

/** Copies the symbols of an array: Node keeps the names of sensitive headers under one. */
function withSymbols(copy: Carrier, original: Carrier = []): Carrier {
  for (const symbol of Object.getOwnPropertySymbols(original))
    Object.assign(copy, { [symbol]: Reflect.get(original, symbol) as unknown });
  return copy;
}
