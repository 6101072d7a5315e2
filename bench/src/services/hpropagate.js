// Preloaded with `--import`: hpropagate, configured to carry only `baggage`.
import hpropagate from 'hpropagate';

hpropagate({ headersToPropagate: ['baggage'], setAndPropagateCorrelationId: false });
