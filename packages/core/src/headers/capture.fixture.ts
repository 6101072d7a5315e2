import { defineLanes, type DropMessage, dropChannel, type LaneContext, type Lanes } from '../index.js';

/** The lanes of these tests. */
export const lanes: Lanes = defineLanes({
  key: 'version',
  carry: { headers: ['version', 'X-MSE-Tag', 'appver*', '*-lane'], baggage: ['*'] },
  promote: { 'x-mse-tag': 'x-mse-tag' },
});

/** The destination of their calls. */
export const to = 'http://helloworld:5000/hello';

/** Returns the headers of a lane that are sent. */
export function out(lane: LaneContext, policy: Lanes = lanes): Record<string, string> | undefined {
  return policy.attach(undefined, { to, lane });
}

/** Returns the messages on `laneway:drop` while `fn` runs: direction, reason, header, key, source. */
export function drops(fn: () => void): string[] {
  const seen: string[] = [];
  const note = (message: unknown): void => {
    const { direction, reason, header = '', key = '', source = '' } = message as DropMessage;
    seen.push([direction, reason, header, key, source].filter((part) => part !== '').join(' '));
  };
  dropChannel.subscribe(note);
  fn();
  dropChannel.unsubscribe(note);
  return seen;
}
