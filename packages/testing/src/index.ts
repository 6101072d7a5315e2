export { contractLanes, laneBaggage, laneHeaders, takeTurns } from './contract-policy.js';
export { collectDrops } from './drops.js';
export { echoServer, headerLines } from './echo-server.js';
export type { EchoedRequest, EchoServer } from './echo-server.js';
export { inboundContract } from './inbound-contract.js';
export type { Handle, HandleStream, InboundServer, InboundSubject, OpenAnswer } from './inbound-contract.js';
export { close, listen, loopbackLookup } from './loopback.js';
export { outboundContract } from './outbound-contract.js';
export type { Call, OutboundSubject } from './outbound-contract.js';
