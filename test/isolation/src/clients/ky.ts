import { laneKy } from '@laneway/ky';
import type { KyInstance, Options } from 'ky';
import type { Undici } from './one-connection.js';
import { type Caller, promised, type Setup } from '../client.js';
import { oneConnection } from './one-connection.js';

/** ky, of any major version, on Node's fetch; it retries. */
export function openKy(ky: KyInstance, undici: Undici): (setup: Setup) => Caller {
  return (setup) => {
    const dispatcher = oneConnection(undici, setup);
    const options = {
      timeout: false,
      retry: { limit: 2, delay: () => 1 },
      dispatcher,
    };
    const client = setup.wrap(ky, laneKy).extend(options as unknown as Options);
    return {
      send: promised(async ({ url, signal, timeout, onResponse }) => {
        const response = await client.get(url, {
          timeout: timeout ?? false,
          ...(signal === undefined ? {} : { signal }),
        });
        onResponse?.();
        const { status, headers } = response;
        return { status, location: headers.get('location') ?? undefined, text: await response.text() };
      }),
      close: () => dispatcher.destroy(),
    };
  };
}
