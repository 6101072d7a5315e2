import { laneFetch } from '@laneway/fetch';
import type { Client } from '../client.js';
import { fetchSend } from './fetch-send.js';
import { oneConnection, type Undici } from './one-connection.js';

/** Loads the undici of the major version that Node's fetch uses, because it accepts only those dispatchers. */
export async function builtInUndici(): Promise<Undici> {
  const major = Number(process.versions.undici?.split('.')[0]);
  if (major < 7) return (await import('undici-6')) as unknown as Undici;
  return major === 7 ? import('undici') : ((await import('undici-8')) as unknown as Undici);
}

/** Node's fetch. */
export const load: Client['load'] = () => openFetch(globalThis.fetch);

/** A function in place of Node's fetch, which Laneway calls once for each hop. */
export const loadReplaced: Client['load'] = () => openFetch((...args) => globalThis.fetch(...args));

async function openFetch(original: typeof globalThis.fetch): ReturnType<Client['load']> {
  const undici = await builtInUndici();
  return (setup) => {
    const dispatcher = oneConnection(undici, setup);
    const fetch = setup.wrap(original, laneFetch);
    return { send: fetchSend(fetch, { dispatcher }), close: () => dispatcher.destroy() };
  };
}
