/**
 * A way to keep the lane, with a service that uses it.
 *
 * @typedef {object} Variant
 * @property {string} name
 * @property {string} title
 * @property {string} service file of the service
 * @property {string[]} [args] its arguments, after the ports of the upstream
 * @property {string} [preload] file that Node imports first
 * @property {boolean} [mustArrive] whether the bench fails when the lane does not arrive
 * @property {boolean} [reference] whether the others are compared with it
 * @property {boolean} [library] whether it is in the JSON
 * @property {boolean} [rare] whether it takes part in fewer rounds of a quick run
 * @property {'full' | 'costly context'} [onlyIn] not measured in a quick run; the latter is where asynchronous context costs, and
 * in every row of a group
 *
 * @typedef {object} Chain
 * @property {string} name
 * @property {string} title
 * @property {string} [group] the name that selects several chains; its table has a row for each
 * @property {boolean} [ownTable] whether it gets a separate table when it is selected by its name
 * @property {'http' | 'http2' | 'socket.io'} protocol of the load
 * @property {Variant[]} variants
 *
 * @typedef {object} Traffic which requests the load sends
 * @property {string} name
 * @property {string} title
 * @property {boolean} withLane
 */

/** Every service of a chain gets both, each over separate connections. @type {Traffic[]} */
export const allTraffic = [
  { name: 'with-lane', title: 'with a lane', withLane: true },
  { name: 'without-lane', title: 'without a lane', withLane: false },
];

const byHand = { name: 'by-hand', title: 'by hand', mustArrive: true, reference: true };
const byHandAgain = { name: 'by-hand-again', title: 'by hand, again', mustArrive: true, onlyIn: 'full' };
const byHandInRun = {
  name: 'by-hand-in-run',
  title: 'by hand in run',
  mustArrive: true,
  reference: true,
  onlyIn: 'costly context',
};
const laneway = { name: 'laneway', title: 'Laneway', mustArrive: true, library: true };
const opentelemetry = {
  name: 'opentelemetry',
  title: 'OpenTelemetry',
  preload: 'services/opentelemetry.js',
  library: true,
  rare: true,
};
const hpropagate = {
  name: 'hpropagate',
  title: 'hpropagate',
  preload: 'services/hpropagate.js',
  library: true,
  rare: true,
};

const FRAMEWORKS = ['http', 'fastify', 'koa', 'hono', 'nestjs-express', 'nestjs-fastify', 'http2'];
const CLIENTS = [
  'undici',
  'node-fetch',
  'http',
  'http2',
  'axios',
  'got',
  'superagent',
  'ky',
  'instrumented-fetch',
  'instrumented-http',
];

/** Creates a chain whose service is composed of parts, by hand and with Laneway. */
function makeChain(group, framework, client) {
  const service = 'services/service.js';
  return {
    name: `${framework}-${client}`,
    title: `${framework} -> ${client}`,
    group,
    protocol: framework === 'http2' ? 'http2' : 'http',
    variants: [
      { ...byHand, service, args: [framework, client, 'by-hand'] },
      { ...byHandAgain, service, args: [framework, client, 'by-hand'] },
      { ...byHandInRun, service, args: [framework, client, 'by-hand-in-run'], onlyIn: undefined },
      { ...laneway, service, args: [framework, client, 'laneway'] },
    ],
  };
}

/** @type {Chain[]} */
export const chains = [
  {
    name: 'express-fetch',
    title: 'express -> fetch',
    group: 'frameworks',
    ownTable: true,
    protocol: 'http',
    variants: [
      { ...byHand, service: 'services/express-by-hand.js' },
      { ...byHandAgain, service: 'services/express-by-hand.js' },
      { ...byHandInRun, service: 'services/express-by-hand-in-run.js' },
      { ...laneway, service: 'services/express-laneway.js' },
      { ...opentelemetry, service: 'services/express-plain.js' },
      { ...hpropagate, service: 'services/express-plain.js' },
    ],
  },
  {
    name: 'socketio-fetch',
    title: 'socket.io event -> fetch',
    group: 'frameworks',
    ownTable: true,
    protocol: 'socket.io',
    variants: [
      { ...byHand, service: 'services/socketio-by-hand.js' },
      { ...byHandAgain, service: 'services/socketio-by-hand.js' },
      { ...byHandInRun, service: 'services/socketio-by-hand-in-run.js' },
      { ...laneway, service: 'services/socketio-laneway.js' },
      { ...opentelemetry, service: 'services/socketio-plain.js' },
    ],
  },
  ...FRAMEWORKS.map((framework) => makeChain('frameworks', framework, 'fetch')),
  ...CLIENTS.map((client) => makeChain('clients', 'express', client)),
];

/**
 * Returns the chain with the selected variants of this run. By hand is always selected.
 *
 * @param {Chain} chain
 * @param {{ quick: boolean, freeContext: boolean, asRow: boolean, names?: string[] }} wanted a row of a group has no rare variants
 * @returns {Chain}
 */
export function pickVariants(chain, { quick, freeContext, asRow, names }) {
  const variants = chain.variants.filter(({ name, reference, rare, onlyIn }) => {
    if (onlyIn === 'full' && quick) return false;
    if (onlyIn === 'costly context' && quick && freeContext && !asRow) return false;
    if (rare && asRow) return false;
    return reference || !names || names.includes(name);
  });
  return { ...chain, variants };
}
