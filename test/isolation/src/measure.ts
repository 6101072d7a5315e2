import { Child } from './children.js';
import type { Client } from './client.js';
import { judge, type Verdict } from './judge.js';
import type { SubjectMessage, UpstreamMessage } from './messages.js';
import { makePlan } from './plan.js';
import { type LaneHeader, laneHeaders, type WayName } from './way.js';

/** The verdict on one client in one way, with figures of the run. */
export interface Measurement extends Verdict {
  readonly client: string;
  readonly way: WayName;
  readonly requests: number;
  /** The largest number of simultaneous connections to one server. A closing connection may overlap with the next. */
  readonly connections: number;
  readonly seconds: number;
}

/** Runs one client in one way, in child processes. A crash there becomes a doubt in the verdict. */
export async function measure(
  client: Client,
  way: WayName,
  calls: number,
  onProgress: (share: number) => void,
): Promise<Measurement> {
  const started = performance.now();
  const plan = makePlan(calls);
  const headers: readonly LaneHeader[] = client.carries === false ? [] : laneHeaders[way];
  const upstream = new Child<UpstreamMessage>('upstream-process.mjs', [client.scheme ?? 'http']);
  const subject = new Child<SubjectMessage>('subject-process.mjs', [client.name, way, String(calls)]);
  const seconds = (): number => (performance.now() - started) / 1000;
  try {
    const addresses = await upstream.receive((message) => message.addresses);
    subject.send({ addresses });
    const outcome = await subject.receive((message) => {
      if (message.round !== undefined) onProgress(message.round / plan.rounds);
      return message.outcome;
    });
    const record = upstream.receive((message) => (message.arrivals === undefined ? undefined : message));
    upstream.send({});
    const { arrivals = [], peak = 0 } = await record;
    const verdict = judge(plan, arrivals, outcome, headers);
    return {
      ...verdict,
      client: client.name,
      way,
      requests: arrivals.length,
      connections: peak,
      seconds: seconds(),
    };
  } catch (error) {
    const nothing = judge(plan, [], { made: {}, failures: [] }, headers);
    const doubts = [(error as Error).message, 'no call was judged'];
    return { ...nothing, doubts, client: client.name, way, requests: 0, connections: 0, seconds: seconds() };
  } finally {
    await Promise.all([subject.stop(), upstream.stop()]);
  }
}
