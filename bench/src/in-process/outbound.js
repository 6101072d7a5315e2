import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { laneFetch } from '@laneway/fetch';
import { laneDispatcher } from '@laneway/undici';
import { Agent, request } from 'undici';

const URL = 'http://127.0.0.1:3000/hello';

/**
 * Returns functions that make a call which is answered without a network, by the way in which the caller keeps the lane.
 *
 * @param {'fetch' | 'undici'} client
 * @param {import('@laneway/core').Lanes} lanes
 * @param {Record<string, string>} headers
 * @returns {Record<string, () => Promise<unknown>>}
 */
export function outboundCalls(client, lanes, headers) {
  const answering = new AnsweringDispatcher();
  const call = { fetch: fetchText, undici: requestText }[client];
  const storage = new AsyncLocalStorage();
  const lane = lanes.capture(headers);
  const byHand = headers.baggage === undefined ? {} : { baggage: headers.baggage };
  const wrapped = laneFetch(fetch, lanes);
  const laneway =
    client === 'fetch'
      ? () => fetchText(answering, undefined, wrapped)
      : (
          (dispatcher) => () =>
            requestText(dispatcher)
        )(laneDispatcher(answering, lanes));
  // The `await` stands for what a handler does between the request and the call.
  return {
    'by hand': async () => {
      await Promise.resolve();
      return call(answering, byHand);
    },
    'by hand in run': () =>
      storage.run(byHand, async () => {
        await Promise.resolve();
        return call(answering, storage.getStore());
      }),
    Laneway: () =>
      lanes.run(
        lane,
        async () => {
          await Promise.resolve();
          return laneway();
        },
        {},
      ),
  };
}

async function fetchText(dispatcher, headers, anyFetch = fetch) {
  const response = await anyFetch(URL, headers ? { headers, dispatcher } : { dispatcher });
  return response.text();
}

async function requestText(dispatcher, headers) {
  const { body } = await request(URL, headers ? { headers, dispatcher } : { dispatcher });
  return body.text();
}

const BODY = Buffer.from('Hello');
const TYPE = [Buffer.from('content-type'), Buffer.from('text/plain')];

/** Answers every request, as a connection does: later, and in the context of the connection. */
class AnsweringDispatcher extends Agent {
  #connection = new AsyncResource('CONNECTION');

  dispatch(_options, handler) {
    this.#connection.runInAsyncScope(queueMicrotask, null, () => answer(handler));
    return true;
  }
}

function answer(handler) {
  if (typeof handler.onRequestStart === 'function') {
    const controller = { abort() {}, pause() {}, resume() {} };
    handler.onRequestStart(controller, null);
    handler.onResponseStart(controller, 200, { 'content-type': 'text/plain' }, 'OK');
    handler.onResponseData(controller, BODY);
    handler.onResponseEnd(controller, {});
    return;
  }
  handler.onConnect?.(() => {});
  handler.onHeaders(200, TYPE, () => {}, 'OK');
  handler.onData(BODY);
  handler.onComplete([]);
}
