import { inspect, types } from 'node:util';
import type { ConfigProblem } from '../errors.js';
import { parseBlock } from './address-block.js';

const REMEDY = "Write 'all', 'none', a list of addresses and CIDR blocks, or a function.";

/** Returns the problems of the `trust` of a policy. */
export function checkTrust(trust: unknown): ConfigProblem[] {
  if (trust === 'all' || trust === 'none') return [];
  if (typeof trust === 'function') return types.isAsyncFunction(trust) ? [asyncFunction] : [];
  if (Array.isArray(trust)) return trust.flatMap(checkRule);
  // A missing field means `all`. An empty value is a setting that was not found, and must not trust everyone.
  const hint = trust === undefined ? 'Leave the field out for the default. ' : '';
  return [{ path: 'trust', message: `${show(trust)} is not a valid value.`, remedy: hint + REMEDY }];
}

const asyncFunction: ConfigProblem = {
  path: 'trust',
  message: 'is an async function, but the request does not wait for a promise.',
  remedy: 'Write a function that returns true or false, and load what it needs before the server starts.',
};

function checkRule(rule: unknown, index: number): ConfigProblem[] {
  if (typeof rule === 'string' && parseBlock(rule) !== undefined) return [];
  return [
    {
      path: `trust[${index}]`,
      message: `${show(rule)} is neither an address nor a CIDR block.`,
      remedy: REMEDY,
    },
  ];
}

function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity });
}
