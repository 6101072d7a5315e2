import type { EventEmitter } from 'node:events';
import { ServerResponse } from 'node:http';
import type { Lanes } from '@laneway/core';

type Method = (...args: unknown[]) => unknown;

/**
 * Makes the callbacks of `write` and `end` run in the context of their caller, on a response that waits for its connection.
 *
 * For pipelined requests: when the previous response is finished, Node writes the waiting one, and calls back in the lane of the other
 * request.
 */
export function bindQueuedResponse(answer: EventEmitter, lanes: Lanes): void {
  if (!(answer instanceof ServerResponse) || answer.socket !== null) return;
  for (const name of ['write', 'end'] as const) {
    const method = answer[name] as Method;
    const value: Method = (...args) => {
      const bound = args.map((arg) => (typeof arg === 'function' ? lanes.bind(arg as Method) : arg));
      return Reflect.apply(method, answer, bound);
    };
    Object.assign(answer, { [name]: value });
  }
}
