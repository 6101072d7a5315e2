import http2, { type ClientHttp2Session } from 'node:http2';
import {
  type AttachOptions,
  BASELINE,
  type Carrier,
  type Lanes,
  override,
  type Restore,
} from '@laneway/core';
import { laneSession, sessionTarget, wrapConnect } from '@laneway/http2';
import { isOfGrpcJs, isShared, reportDrop, reportDrops } from './shared-session.js';

/**
 * Attaches lanes to the requests of HTTP/2 sessions that the application opens with `http2.connect`. Sessions that a library shares
 * between callers carry no lane, see {@link isShared}.
 */
export function instrumentHttp2(lanes: Lanes): Restore {
  let isActive = true;
  const attach = (headers: Carrier | undefined, options: AttachOptions): unknown => {
    // Sessions that are open at `restore` stay wrapped, and attach nothing from then on.
    if (!isActive || lanes.current() === BASELINE) return headers;
    if (!isOfGrpcJs(headers)) return lanes.attach(headers, options);
    // `laneSession` names the host of the session first.
    reportDrop([options.to].flat()[0] as string);
    return headers;
  };
  const activeLanes: Lanes = { ...lanes, attach: attach as Lanes['attach'] };
  const isInLane = (): boolean => isActive && lanes.current() !== BASELINE;
  const wrapSession = (session: ClientHttp2Session, authority: unknown, options: unknown): typeof session => {
    const target = sessionTarget(authority, options);
    if (!isShared(options)) return laneSession(session, target, activeLanes);
    return reportDrops(session, target, isInLane);
  };
  const restore = override(http2, {
    connect: (connect) => wrapConnect(connect as never, wrapSession),
  });
  return () => {
    isActive = false;
    restore();
  };
}
