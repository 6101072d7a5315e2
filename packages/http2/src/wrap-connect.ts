import type { ClientHttp2Session } from 'node:http2';
import { promisify } from 'node:util';

/** `http2.connect`, or a function that replaces it. `never` accepts every signature. */
export type Connect = (...args: never[]) => ClientHttp2Session;

/** Wraps a session that was opened with these arguments of `http2.connect`, and returns it. */
export type WrapSession = (
  session: ClientHttp2Session,
  authority: unknown,
  options: unknown,
) => ClientHttp2Session;

/**
 * Returns a `connect` whose sessions are passed to `wrap`. `util.promisify` accepts it, as it accepts Node's.
 *
 * @example
 * http2.connect = wrapConnect(http2.connect, (session) => laneSession(session, target, lanes));
 */
export function wrapConnect<C extends Connect>(connect: C, wrap: WrapSession): C {
  const call = connect as unknown as (...args: unknown[]) => ClientHttp2Session;
  const wrapped = (...args: unknown[]): ClientHttp2Session => wrap(call(...args), args[0], args[1]);
  // As in Node: the promise rejects with an error that is emitted before the session is connected.
  const promised = (authority: unknown, options: unknown): Promise<ClientHttp2Session> =>
    new Promise((resolve, reject) => {
      const session = wrapped(authority, options, () => {
        session.removeListener('error', reject);
        resolve(session);
      });
      session.once('error', reject);
    });
  return Object.assign(wrapped, { [promisify.custom]: promised }) as unknown as C;
}
