import { type Caller, promised, signalOf } from '../client.js';

/** The common signature of every fetch. */
export type AnyFetch = (
  url: string,
  init?: object,
) => Promise<{ status: number; headers: { get(name: string): string | null }; text(): Promise<string> }>;

/** Returns the `send` of a fetch. */
export function fetchSend(fetch: AnyFetch, init: object): Caller['send'] {
  return promised(async (request) => {
    const response = await fetch(request.url, { ...init, signal: signalOf(request) });
    request.onResponse?.();
    return {
      status: response.status,
      location: response.headers.get('location') ?? undefined,
      text: await response.text(),
    };
  });
}
