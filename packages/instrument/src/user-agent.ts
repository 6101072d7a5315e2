import type { Carrier } from '@laneway/core';

/** Returns the `user-agent` of headers by name, `''` when there is none. */
export function userAgentOf(headers: Carrier | undefined): string {
  for (const name in headers as Record<string, unknown> | undefined)
    if (name.length === 10 && name.toLowerCase() === 'user-agent')
      return String((headers as Record<string, unknown>)[name]);
  return '';
}
