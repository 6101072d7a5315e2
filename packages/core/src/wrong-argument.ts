import { LanewayAdapterError } from './errors.js';

/**
 * Returns the error of an adapter that received something it cannot wrap.
 *
 * @param adapter the adapter's name
 * @param value what it received
 * @param expected what it wraps, with its article
 * @param remedy what to pass instead
 * @example
 * throw wrongArgument('laneKy', 1, 'a ky instance', 'the default export of ky'); // laneKy received 1, not a ky instance. Pass the default ...
 */
export function wrongArgument(
  adapter: string,
  value: unknown,
  expected: string,
  remedy: string,
): LanewayAdapterError {
  return new LanewayAdapterError(`${adapter} received ${describe(value)}, not ${expected}. Pass ${remedy}.`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
