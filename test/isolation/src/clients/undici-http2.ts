import { laneDispatcher } from '@laneway/undici';
import type { Dispatcher } from 'undici';
import { type Caller, promised, type Setup, signalOf } from '../client.js';
import { connectOptions, type Undici } from './one-connection.js';

// Node's servers close a session after a thousand reset streams, and aborted calls reset streams.
const CALLS_OF_AN_AGENT = 4000;

/** undici's request over HTTP/2, with one session per origin. */
export function openHttp2({ Agent, request }: Undici): (setup: Setup) => Caller {
  return (setup) => {
    const open = (): Dispatcher =>
      setup.wrap<Dispatcher>(
        new Agent({ allowH2: true, connections: 1, connect: connectOptions(setup) }),
        laneDispatcher,
      );
    let dispatcher = open();
    let calls = 0;
    return {
      send: promised(async (call) => {
        if (++calls % CALLS_OF_AN_AGENT === 0) {
          // `close` waits for the last calls.
          void dispatcher.close();
          dispatcher = open();
        }
        const { statusCode, headers, body } = await request(call.url, { dispatcher, signal: signalOf(call) });
        call.onResponse?.();
        return { status: statusCode, location: headers.location?.toString(), text: await body.text() };
      }),
      close: () => void dispatcher.destroy(),
    };
  };
}
