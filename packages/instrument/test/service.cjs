const dns = require('node:dns');

// Every name resolves to loopback, so that calls to external hosts stay on this machine.
dns.lookup = (_host, options, callback) => {
  const done = callback ?? options;
  if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};

const scenario = process.env.SCENARIO;
if (scenario === 'otel first') void require('./otel.cjs');
// A copy of undici that is loaded before instrumentHttp.
const undici = require('undici');
const { instrumentHttp } = require('@laneway/instrument');
if (scenario !== 'register') instrumentHttp();
if (scenario === 'twice') instrumentHttp();
if (scenario === 'otel after') void require('./otel.cjs');

// Taken from the module after instrumentHttp.
const { Agent, get, request } = require('node:http');
const { defaultLanes } = require('@laneway/core');
const { clientsOf, run } = require('./calls.cjs');

const main = async () => {
  const undicis = {
    'undici 6.0': require('undici-6-lowest'),
    'undici 6': require('undici-6'),
    'undici 7.0': require('undici-7-lowest'),
    'undici 7': undici,
    ...(Number(process.versions.node.split('.')[0]) >= 22 && {
      'undici 8.0': require('undici-8-lowest'),
      'undici 8': require('undici-8'),
    }),
  };
  const clients = clientsOf({
    Agent,
    get,
    request,
    undicis,
    axios: require('axios'),
    followRedirects: require('follow-redirects'),
    got: (await import('got')).default,
    ky: (await import('ky')).default,
    nodeFetch2: require('node-fetch-2'),
    nodeFetch3: (await import('node-fetch')).default,
    superagent: require('superagent'),
  });
  process.send(await run(clients, defaultLanes(), process.env.PORT));
};
void main().finally(() => process.disconnect());
