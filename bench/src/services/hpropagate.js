// Preloaded with `--import`: hpropagate, told to carry `baggage` and nothing else.
import hpropagate from 'hpropagate';

hpropagate({ headersToPropagate: ['baggage'], setAndPropagateCorrelationId: false });
