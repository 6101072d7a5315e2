import { defineLanes, type DropMessage, dropChannel, type LaneContext, type Lanes } from '../index.js';

/** The lanes of these tests. */
export const lanes: Lanes = defineLanes({
  key: 'version',
  carry: { headers: ['version', 'X-MSE-Tag', 'appver*', '*-lane'], baggage: ['*'] },
  promote: { 'x-mse-tag': 'x-mse-tag' },
});

/** Where they call. */
export const to = 'http://helloworld:5000/hello';

/** What leaves of a lane. */
export function out(lane: LaneContext, policy: Lanes = lanes): Record<string, string> | undefined {
  return policy.attach(undefined, { to, lane });
}

/** What `laneway:drop` says while `fn` runs: direction, reason, header, key. */
export function drops(fn: () => void): string[] {
  const seen: string[] = [];
  const note = (message: unknown): void => {
    const { direction, reason, header = '', key = '' } = message as DropMessage;
    seen.push([direction, reason, header, key].join(' ').trim());
  };
  dropChannel.subscribe(note);
  fn();
  dropChannel.unsubscribe(note);
  return seen;
}
