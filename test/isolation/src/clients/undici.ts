import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { laneFetch } from '@laneway/fetch';
import { laneDispatcher, laneInterceptor } from '@laneway/undici';
import type { Dispatcher } from 'undici';
import { type Caller, promised, type Setup, signalOf } from '../client.js';
import { fetchSend } from './fetch-send.js';
import { connectOptions, oneConnection, perOrigin, type Undici } from './one-connection.js';

type Open = (setup: Setup) => Caller;

const locationOf = ({ location }: Record<string, string | string[] | undefined>): string | undefined =>
  location?.toString();

/** undici's fetch, with an Agent of Pools. */
export function openFetch(undici: Undici): Open {
  return (setup) => {
    const dispatcher = oneConnection(undici, setup);
    const fetch = setup.wrap(undici.fetch, laneFetch);
    return { send: fetchSend(fetch, { dispatcher }), close: () => dispatcher.destroy() };
  };
}

/** undici's request, with the global dispatcher. */
export function openRequest(undici: Undici): Open {
  return (setup) => {
    const before = undici.getGlobalDispatcher();
    const dispatcher = oneConnection(undici, setup);
    undici.setGlobalDispatcher(setup.wrap(dispatcher, laneDispatcher));
    const close = (): void => {
      undici.setGlobalDispatcher(before);
      void dispatcher.destroy();
    };
    return { send: requestSend(undici, {}), close };
  };
}

/** undici's request, with an Agent and interceptors. */
export function openComposed(undici: Undici, order: 'before' | 'after'): Open {
  return (setup) => {
    const { redirect, retry } = undici.interceptors;
    const others = [
      redirect({ maxRedirections: 4 }),
      retry({ maxRetries: 2, minTimeout: 1, maxTimeout: 1, timeoutFactor: 1 }),
    ];
    const none = (dispatch: Dispatcher['dispatch']): Dispatcher['dispatch'] => dispatch;
    const lane = setup.wrap(none, (_, lanes) => laneInterceptor(lanes));
    const agent = oneConnection(undici, setup);
    const dispatcher = agent.compose(order === 'before' ? [...others, lane] : [lane, ...others]);
    return { send: requestSend(undici, { dispatcher }), close: () => agent.destroy() };
  };
}

function requestSend({ request: send }: Undici, init: { dispatcher?: Dispatcher }): Caller['send'] {
  return promised(async (request) => {
    const { statusCode, headers, body } = await send(request.url, { ...init, signal: signalOf(request) });
    request.onResponse?.();
    return { status: statusCode, location: locationOf(headers), text: await body.text() };
  });
}

/** The stream of a Pool, with a callback. */
export function openStream({ Pool }: Undici): Open {
  return (setup) => {
    const pool = { connections: 1, connect: connectOptions(setup) };
    const { of, close } = perOrigin((origin) => setup.wrap(new Pool(origin, pool), laneDispatcher));
    return {
      send(request, done) {
        const { origin, pathname, search } = new URL(request.url);
        let head = { status: 0, location: undefined as string | undefined };
        let body = '';
        const factory: Dispatcher.StreamFactory = ({ statusCode: status, headers }) => {
          head = { status, location: locationOf(headers) };
          request.onResponse?.();
          return new Writable({
            write(chunk, _, next) {
              body += String(chunk);
              next();
            },
          });
        };
        const options = { path: pathname + search, method: 'GET', signal: signalOf(request) } as const;
        of(origin).stream(options, factory, (error) =>
          error === null ? done(undefined, { ...head, text: body }) : done(error),
        );
      },
      close,
    };
  };
}

/** The pipeline of a Client. */
export function openPipeline({ Client }: Undici): Open {
  return (setup) => {
    const connect = connectOptions(setup);
    const { of, close } = perOrigin((origin) => setup.wrap(new Client(origin, { connect }), laneDispatcher));
    return {
      send: promised(async (request) => {
        const { origin, pathname, search } = new URL(request.url);
        let head = { status: 0, location: undefined as string | undefined };
        const options = { path: pathname + search, method: 'GET', signal: signalOf(request) } as const;
        const duplex = of(origin).pipeline(options, ({ statusCode: status, headers, body }) => {
          head = { status, location: locationOf(headers) };
          request.onResponse?.();
          return body;
        });
        duplex.end();
        const answer = await text(duplex);
        return { ...head, text: answer };
      }),
      close,
    };
  };
}
