import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2';
import { BASELINE, type Carrier, type Lanes, lanesFor } from '@laneway/core';
import { bindEmitter } from '@laneway/node-http';
import { otherHosts, type SessionTarget } from './session-target.js';

type Request = (headers?: unknown, ...rest: unknown[]) => ClientHttp2Stream;

/** What the requests of a session take with them; changed when it is laned again. */
interface SessionLane {
  lanes: Lanes;
  to: SessionTarget | undefined;
}

// Registered: two copies of this package that are handed one session attach once.
const LANE = Symbol.for('laneway.session.1');

interface LanedSession {
  [LANE]?: SessionLane;
  request: Request;
  emit: (event: string | symbol, ...args: unknown[]) => boolean;
}

/**
 * Makes a session attach the lane that `request` is called in, whoever opened the session. The events of a stream run in its caller's
 * context. Done again, it replaces the lanes and the target.
 *
 * @param to where the session is connected, `sessionTarget(authority, options)`; with `undefined` nothing is attached
 * @param lanes @default the lanes of the process, from `LANEWAY_*`
 * @returns the session
 * @example
 * laneSession(http2.connect(url, options), sessionTarget(url, options), lanes);
 */
export function laneSession<S extends ClientHttp2Session>(
  session: S,
  to: SessionTarget | undefined,
  lanes?: Lanes,
): S {
  const laned = session as unknown as LanedSession;
  const own: SessionLane = { lanes: lanesFor('laneSession', lanes), to };
  if (laned[LANE] === undefined) takeOver(laned, own);
  else Object.assign(laned[LANE], own);
  return session;
}

/** Whether `laneSession` was called with this session. */
export function hasLanes(session: ClientHttp2Session): boolean {
  return LANE in session;
}

function takeOver(session: LanedSession, own: SessionLane): void {
  const { emit, request } = session;
  session[LANE] = own;
  session.request = (headers, ...rest) => {
    const sent = attachToRequest(headers, own);
    const stream: ClientHttp2Stream = Reflect.apply(request, session, [sent, ...rest]);
    bindEmitter(stream);
    return stream;
  };
  session.emit = (...args) => {
    const [event, stream] = args;
    if (event !== 'stream') return Reflect.apply(emit, session, args);
    // Pushed by the server. Node does not tell by which request, and the lane of whoever connected is none of its own.
    return own.lanes.baseline(() => {
      bindEmitter(stream as ClientHttp2Stream);
      return Reflect.apply(emit, session, args);
    });
  };
}

/** The headers of a request with the lane; themselves when there is none, or Node must judge them itself. */
function attachToRequest(headers: unknown, { lanes, to }: SessionLane): unknown {
  if (to === undefined || lanes.current() === BASELINE) return headers;
  if (headers !== undefined && (typeof headers !== 'object' || headers === null)) return headers;
  const carrier = headers as Carrier | undefined;
  const others = otherHosts(carrier, to);
  const laned = lanes.attach(carrier, { to: others.length === 0 ? to.host : [to.host, ...others] });
  return Array.isArray(laned) ? withSymbols(laned, carrier) : laned;
}

/** Node keeps the names of sensitive headers under a symbol; a copy of an array does not. */
function withSymbols(laned: Carrier, headers: Carrier = []): Carrier {
  for (const symbol of Object.getOwnPropertySymbols(headers))
    Object.assign(laned, { [symbol]: Reflect.get(headers, symbol) as unknown });
  return laned;
}
