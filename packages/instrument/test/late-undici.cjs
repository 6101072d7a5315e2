// A process that never calls fetch, and in which somebody, axios for one, touches one of the classes that come with Node's undici.
const { BASELINE, defaultLanes } = require('@laneway/core');

void globalThis.Response;
const { request } = require('undici');

const lanes = defaultLanes();
const ask = async () => {
  const { body } = await request(`http://127.0.0.1:${process.env.PORT}/`);
  const { headers } = await body.json();
  return headers.find(([name]) => name === 'version')?.[1];
};

void lanes.run(BASELINE.set('version', 'v2'), async () => {
  const seen = [await ask(), await ask()];
  process.send(seen, () => process.exit());
});
