export { contractLanes, laneBaggage, laneHeaders, takeTurns } from './contract-policy.js';
export { collectDrops } from './drops.js';
export { echoServer, headerLines } from './echo-server.js';
export type { EchoedRequest, EchoServer } from './echo-server.js';
export { inboundContract } from './inbound-contract.js';
export type {
  Handle,
  HandleStream,
  InboundServer,
  InboundSubject,
  Middleware,
  OpenAnswer,
} from './inbound-subject.js';
export { laneOf, useEcho } from './lane-echo.js';
export type { LaneEcho } from './lane-echo.js';
export { close, listen, loopbackLookup } from './loopback.js';
export { outboundContract } from './outbound-contract.js';
export type { Call, OutboundSubject } from './outbound-contract.js';
export { openWire, sendRaw } from './wire.js';
export type { Wire } from './wire.js';
export { openSharedConnection } from './shared-connection.js';
export type { SharedConnection } from './shared-connection.js';
export { testUnless } from './test-unless.js';
