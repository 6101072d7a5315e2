import { describe, expect, test } from 'vitest';
import { defineLanes, type LanePolicy, presets } from '../index.js';

// What each system sends by its documentation, and what the next service must receive so that the system can route.
const documented: readonly {
  readonly name: string;
  readonly policy: LanePolicy;
  readonly sent: Record<string, string>;
  readonly lane: string;
  readonly passed?: Record<string, string>;
}[] = [
  {
    name: 'ASM, permissive lanes, baggage passes through',
    policy: presets.asm(),
    sent: { 'x-asm-prefer-tag': 's2', baggage: 'userId=alice,serverNode=DF%2028,isProduction=false' },
    lane: 's2',
  },
  {
    name: 'ASM, permissive lanes, a trace id passes through',
    policy: presets.asm('my-trace-id'),
    sent: { 'x-asm-prefer-tag': 's3', 'my-trace-id': '4f0c9a52' },
    lane: 's3',
  },
  {
    name: 'ASM, ASMHeaderPropagation by prefix',
    policy: presets.asm('appver*'),
    sent: { 'x-asm-prefer-tag': 's1', appver: 'v2', 'appver-b': 'v1' },
    lane: 's1',
  },
  { name: 'MSE', policy: presets.mse(), sent: { 'x-mse-tag': 'gray' }, lane: 'gray' },
  {
    name: 'MSE, the tag in baggage',
    policy: presets.mse(),
    sent: { baggage: 'x-mse-tag=gray' },
    lane: 'gray',
    passed: { 'x-mse-tag': 'gray', baggage: 'x-mse-tag=gray' },
  },
  { name: 'Istio, request routing', policy: presets.istio(), sent: { 'end-user': 'jason' }, lane: 'jason' },
  { name: 'Kruise Rollout', policy: presets.kruise(), sent: { 'my-request-id': 'canary' }, lane: 'canary' },
  {
    name: 'Signadot, all of its formats',
    policy: presets.signadot(),
    sent: {
      baggage: 'sd-routing-key=qzxd4j0m3h2k8',
      'uberctx-sd-routing-key': 'qzxd4j0m3h2k8',
      'ot-baggage-sd-routing-key': 'qzxd4j0m3h2k8',
    },
    lane: 'qzxd4j0m3h2k8',
  },
  {
    name: 'mirrord',
    policy: presets.mirrord(),
    sent: { baggage: 'userId=1 , mirrord-session=alice' },
    lane: 'alice',
  },
  {
    name: 'Okteto Divert',
    policy: presets.okteto(),
    sent: { baggage: 'okteto-divert=cindy' },
    lane: 'cindy',
  },
];

describe.each(documented)('$name', ({ policy, sent, lane, passed = sent }) => {
  test('names the lane, and passes on what routes', () => {
    const lanes = defineLanes(policy);
    const captured = lanes.capture({ host: 'gateway', accept: '*/*', ...sent });
    expect(captured.name).toBe(lane);
    expect(lanes.attach(undefined, { to: 'http://mockb:8000', lane: captured })).toEqual(passed);
    expect(lanes.attach(undefined, { to: 'https://external.example', lane: captured })).toBeUndefined();
  });

  test('is combined with the policy of the service', () => {
    const lanes = defineLanes(policy, { carry: { headers: ['x-own'] }, egress: ['*.prod.example'] });
    const captured = lanes.capture({ ...sent, 'x-own': '1' });
    expect(captured.name).toBe(lane);
    expect(lanes.attach(undefined, { to: 'https://b.prod.example', lane: captured })).toEqual({
      ...passed,
      'x-own': '1',
    });
  });
});
