// Calls a server with every client, each call in its lane, and returns what the server received.
const { text } = require('node:stream/consumers');

/** Each client as a function that calls a URL, follows redirects if the client can, and returns the body. */
exports.clientsOf = (modules) => {
  const { request, get, axios, followRedirects, got, ky, nodeFetch2, nodeFetch3, superagent, undicis } =
    modules;
  const agent = new modules.Agent({ keepAlive: true, maxSockets: 1 });
  const read = (send) => (url) =>
    new Promise((resolve, reject) =>
      send(url, { agent }, (response) => text(response).then(resolve, reject))
        .on('error', reject)
        .end(),
    );
  const clients = {
    'http.request': read(request),
    'http.get': read(get),
    'follow-redirects': read(followRedirects.http.request),
    axios: async (url) => (await axios.get(url, { httpAgent: agent, responseType: 'text' })).data,
    got: (url) => got(url, { agent: { http: agent } }).text(),
    superagent: async (url) => JSON.stringify((await superagent.get(url).agent(agent)).body),
    'node-fetch 2': async (url) => (await nodeFetch2(url, { agent })).text(),
    'node-fetch 3': async (url) => (await nodeFetch3(url, { agent })).text(),
    ky: (url) => ky(url).text(),
    fetch: async (url) => (await fetch(url)).text(),
  };
  for (const [name, undici] of Object.entries(undicis)) {
    const pool = new undici.Agent({
      factory: (origin, options) => new undici.Pool(origin, { ...options, connections: 1 }),
      ...(name.startsWith('undici 6') && { maxRedirections: 5 }),
    });
    const redirect = undici.interceptors?.redirect;
    const composed = redirect ? pool.compose(redirect({ maxRedirections: 5 })) : pool;
    clients[`${name} request`] = async (url) => {
      const { origin, pathname, search } = new URL(url);
      return (await composed.request({ origin, path: pathname + search, method: 'GET' })).body.text();
    };
    clients[`${name} fetch`] = async (url) => (await undici.fetch(url, { dispatcher: pool })).text();
  }
  return clients;
};

exports.run = async (clients, lanes, port) => {
  const home = `http://127.0.0.1:${port}/`;
  const external = `http://external.example:${port}/`;
  const to = (url) => `${home}redirect?to=${encodeURIComponent(url)}`;
  const inLane = (name, fn) =>
    name ? lanes.run(lanes.capture({ version: name, baggage: `lane=${name};p = 1,b=%41` }), fn) : fn();
  const seenBy = async (client, name, url) => {
    const { headers } = JSON.parse(await inLane(name, () => client(url)));
    const of = (header) => headers.filter(([key]) => key === header).map(([, value]) => value);
    return { version: of('version'), baggage: of('baggage'), traces: of('traceparent').length };
  };
  const results = {};
  for (const [name, client] of Object.entries(clients)) {
    const redirects = !['http.request', 'http.get'].includes(name);
    const urls = { home, external, ...(redirects && { redirected: to('/end'), sentAway: to(external) }) };
    const result = (results[name] = {});
    for (const [key, url] of Object.entries(urls)) result[key] = await seenBy(client, 'v2', url);
    result.baseline = await seenBy(client, undefined, home);
    const kinds = Object.values(urls);
    result.wrong = [];
    await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const lane = index % 5 === 4 ? undefined : `v${index}`;
        const url = kinds[index % kinds.length];
        const seen = await seenBy(client, lane, url);
        const hasLane = lane !== undefined && !url.includes('external');
        const isRight = String(seen.version) === (hasLane ? lane : '');
        if (!isRight || seen.baggage.length !== (hasLane ? 1 : 0)) result.wrong.push({ lane, url, seen });
      }),
    );
  }
  return results;
};
