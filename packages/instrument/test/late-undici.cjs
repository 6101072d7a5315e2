// A process that never calls fetch, but uses one of the web classes that load Node's undici, as axios does.
const { BASELINE, defaultLanes } = require('@laneway/core');

void globalThis.Response;
const { request } = require('undici');

const lanes = defaultLanes();
const call = async () => {
  const { body } = await request(`http://127.0.0.1:${process.env.PORT}/`);
  const { headers } = await body.json();
  return headers.find(([name]) => name === 'version')?.[1];
};

void lanes.run(BASELINE.set('version', 'v2'), async () => {
  const seen = [await call(), await call()];
  process.send(seen, () => process.exit());
});
