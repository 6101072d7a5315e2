import { once } from 'node:events';
import http2 from 'node:http2';
import { io } from 'socket.io-client';
import { Client } from 'undici';
import { baselineHeaders, laneHeaders } from './lane-headers.js';

/**
 * One connection of the closed loop, with at most one running call.
 *
 * @typedef {object} Connection
 * @property {() => Promise<unknown>} call makes one call; rejects when the answer is not the expected one; socket.io resolves with it
 * @property {(string | null)[]} lanes the `baggage` values that it sends in turn; `null` for a request without a lane
 * @property {() => Promise<void>} [close] closes it; only of socket.io
 */

const LANES_PER_CONNECTION = 32;

let lastLane = 0;

const makeHeaders = (withLane) => (withLane ? laneHeaders(lastLane++) : baselineHeaders());

/**
 * Opens a connection to an HTTP/1 service, with one client of undici's lowest level. It needs about a tenth of the service's CPU time
 * and sends one request at a time.
 *
 * @param {number} port
 * @param {boolean} withLane
 * @returns {Connection}
 */
function connectHttp(port, withLane) {
  const client = new Client(`http://127.0.0.1:${port}`, { pipelining: 1, keepAliveTimeout: 120_000 });
  const requests = Array.from({ length: LANES_PER_CONNECTION }, () => {
    const headers = makeHeaders(withLane);
    return {
      lane: headers.baggage ?? null,
      options: { method: 'GET', path: '/hello', headers: Object.entries(headers).flat() },
    };
  });
  let turn = 0;
  return {
    lanes: requests.map((request) => request.lane),
    call: () =>
      new Promise((resolve, reject) => {
        client.dispatch(requests[turn++ % LANES_PER_CONNECTION].options, {
          onRequestStart() {},
          onResponseStart(_controller, status) {
            if (status !== 200) reject(new Error(`the service answered with status ${status}`));
          },
          onResponseData() {},
          onResponseEnd: () => resolve(),
          onResponseError: (_controller, error) => reject(error),
        });
      }),
  };
}

/**
 * Opens a connection to a socket.io service, over websocket from the start. The handshake carries the lane.
 *
 * @param {number} port
 * @param {boolean} withLane
 * @returns {Promise<Connection>}
 */
async function connectSocketIo(port, withLane) {
  const { host: _host, ...headers } = makeHeaders(withLane);
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
  });
  await Promise.race([
    once(socket, 'connect'),
    once(socket, 'connect_error').then(([error]) => Promise.reject(error)),
  ]);
  return {
    lanes: [headers.baggage ?? null],
    close: async () => {
      const closed = once(socket.io, 'close');
      socket.disconnect();
      await closed;
    },
    call: () =>
      new Promise((resolve, reject) => {
        socket.emit('hello', 'a message', (answer) => {
          if (answer.startsWith('Hello ')) resolve(answer);
          else reject(new Error(`the service answered ${answer}`));
        });
      }),
  };
}

/**
 * Opens a connection to an HTTP/2 service, with a new session.
 *
 * @param {number} port
 * @param {boolean} withLane
 * @returns {Connection}
 */
function connectHttp2(port, withLane) {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  const requests = Array.from({ length: LANES_PER_CONNECTION }, () => {
    const { host: _host, ...headers } = makeHeaders(withLane);
    return { ':path': '/hello', ...headers };
  });
  let turn = 0;
  return {
    lanes: requests.map((request) => request.baggage ?? null),
    call: () =>
      new Promise((resolve, reject) => {
        const stream = session.request(requests[turn++ % LANES_PER_CONNECTION]);
        stream.on('response', ({ ':status': status }) => {
          if (status !== 200) reject(new Error(`the service answered with status ${status}`));
        });
        stream.on('error', reject);
        stream.on('end', () => resolve());
        stream.resume();
      }),
  };
}

/** Functions that connect to a service, by the protocol of its chain. */
export const connect = { http: connectHttp, http2: connectHttp2, 'socket.io': connectSocketIo };
