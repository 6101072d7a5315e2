import { inspect, types } from 'node:util';
import type { ConfigProblem } from '../errors.js';
import { parseBlock } from './address-block.js';

const REMEDY = "Write 'all', 'none', a list of addresses and CIDR blocks, or a function.";

/** Returns what is wrong with the `trust` of a policy; an empty list when nothing is. */
export function checkTrust(trust: unknown): ConfigProblem[] {
  if (trust === 'all' || trust === 'none') return [];
  if (typeof trust === 'function') return types.isAsyncFunction(trust) ? [asyncFunction] : [];
  if (Array.isArray(trust)) return trust.flatMap(checkRule);
  // Left out it means `all`. A value that is there and empty is a setting that was not found: it must not trust everybody.
  const hint = trust === undefined ? 'Leave the field out for the default. ' : '';
  return [{ path: 'trust', message: `${show(trust)} is not a value of trust.`, remedy: hint + REMEDY }];
}

const asyncFunction: ConfigProblem = {
  path: 'trust',
  message: 'an async function decides too late: the request does not wait for it.',
  remedy: 'Write a function that returns true or false, and load what it needs before the server starts.',
};

function checkRule(rule: unknown, index: number): ConfigProblem[] {
  if (typeof rule === 'string' && parseBlock(rule) !== undefined) return [];
  return [
    { path: `trust[${index}]`, message: `${show(rule)} is no address and no CIDR block.`, remedy: REMEDY },
  ];
}

function show(value: unknown): string {
  return inspect(value, { depth: 0, breakLength: Infinity });
}
