// Counts, by V8's precise coverage, the functions, files and calls of @laneway/* that one call in a lane executes.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import http, { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import { createRequire, SourceMap } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const usage = `Usage: npm run coverage -w @laneway-internal/bench -- [options]

How many functions, in how many source files, and how many calls of @laneway/* one call in a lane executes, in the built packages.

  --root DIR       the checkout whose built packages are counted; this one by default
  --opentelemetry  with OpenTelemetry's SDK and its instrumentations, started first
  --files          also a row for each source file
  --help           this text`;

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    opentelemetry: { type: 'boolean', default: false },
    files: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
// Paths are relative to where the user typed them; npm runs scripts in the package's folder.
const root = resolve(process.env.INIT_CWD ?? process.cwd(), values.root);
const packages = join(root, 'packages');
const { resolve: resolveLibrary } = createRequire(join(root, 'bench/package.json'));

const importPackage = (name) => import(pathToFileURL(join(packages, name, 'dist/index.mjs')));
const importLibrary = (name) => import(pathToFileURL(resolveLibrary(name)));

/** A server on a free loopback port. @returns {Promise<string>} its URL */
async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}/`;
}

/** @returns {Promise<string>} the body that `module.get` receives */
async function getText(module, target) {
  const [response] = await once(module.get(target), 'response');
  return Buffer.concat(await response.toArray()).toString();
}

/**
 * One call each.
 *
 * @typedef {object} Case
 * @property {string} title
 * @property {() => Promise<string>} call answers with what arrived
 * @property {string} expected
 * @property {boolean} inLane whether it is called in the lane; an inbound request brings its own
 *
 * @returns {Promise<Case[]>}
 */
async function makeCases(lanes, baggage) {
  const echo = createServer((request, response) => response.end(request.headers.baggage));
  const echoUrl = await listen(echo);
  const redirectUrl = await listen(
    createServer((_request, response) => response.writeHead(302, { location: echoUrl }).end()),
  );

  const { laneFetch } = await importPackage('fetch');
  const fetchInLane = laneFetch(fetch, lanes);

  // Older checkouts have the dispatchers in fetch.
  const { laneDispatcher } = await importPackage(existsSync(join(packages, 'undici')) ? 'undici' : 'fetch');
  const { Agent, interceptors, request } = (await importLibrary('undici')).default;
  const redirecting = new Agent().compose(interceptors.redirect({ maxRedirections: 5 }));
  const dispatcher = laneDispatcher(redirecting, lanes);

  const { laneHttp } = await importPackage('node-http');
  const httpInLane = laneHttp(http, lanes);

  const { expressLane } = await importPackage('express');
  const app = (await importLibrary('express')).default();
  app.use(expressLane(lanes));
  app.get('/', (_request, response) => response.send(lanes.current().get('version')));
  const { hostname, port } = new URL(await listen(createServer(app)));

  return [
    {
      title: 'fetch, one redirect',
      call: async () => (await fetchInLane(redirectUrl)).text(),
      expected: baggage,
      inLane: true,
    },
    {
      title: 'undici request, one redirect',
      call: async () => (await request(redirectUrl, { dispatcher })).body.text(),
      expected: baggage,
      inLane: true,
    },
    { title: 'http.get', call: () => getText(httpInLane, echoUrl), expected: baggage, inLane: true },
    {
      title: 'express request',
      call: () => getText(http, { hostname, port, headers: { baggage } }),
      expected: 'v2',
      inLane: false,
    },
  ];
}

/** @type {Map<string, { map: SourceMap, lineStarts: number[] }>} by URL of the built file */
const builds = new Map();

function readBuild(url) {
  if (!builds.has(url)) {
    const file = fileURLToPath(url);
    const lineStarts = [0];
    for (const { index } of readFileSync(file, 'utf8').matchAll(/\n/g)) lineStarts.push(index + 1);
    builds.set(url, { map: new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8'))), lineStarts });
  }
  return builds.get(url);
}

/** @returns {string} the source file, below packages/, in which the function at this offset of a built file begins */
function sourceOf(url, offset) {
  const { map, lineStarts } = readBuild(url);
  const line = lineStarts.findLastIndex((start) => start <= offset);
  const { originalSource } = map.findEntry(line, offset - lineStarts[line]);
  return relative(packages, resolve(dirname(fileURLToPath(url)), originalSource));
}

/** Runs one call. @returns {Promise<Map<string, { functions: number, calls: number }>>} by source file */
async function count(session, { call, expected }) {
  await session.post('Profiler.takePreciseCoverage'); // starts again at 0
  const answer = await call();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  if (answer !== expected) throw new Error(`The call answered ${answer}, not ${expected}: it is in no lane.`);
  const files = new Map();
  for (const { url, functions } of result) {
    if (!url.startsWith(pathToFileURL(packages).href)) continue;
    for (const { ranges } of functions) {
      if (ranges[0].count === 0) continue;
      const source = sourceOf(url, ranges[0].startOffset);
      const sum = files.get(source) ?? { functions: 0, calls: 0 };
      files.set(source, { functions: sum.functions + 1, calls: sum.calls + ranges[0].count });
    }
  }
  return files;
}

function printRow(title, files) {
  const sum = (key) => [...files.values()].reduce((total, each) => total + each[key], 0);
  printCells(title, sum('functions'), files.size, sum('calls'));
  if (!values.files) return;
  for (const [file, { functions, calls }] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    printCells(`  ${file}`, functions, '', calls);
  }
}

function printCells(title, ...cells) {
  console.log(title.padEnd(42) + cells.map((cell) => String(cell).padStart(11)).join(''));
}

if (values.help) {
  console.log(usage);
} else {
  if (values.opentelemetry) {
    await import(pathToFileURL(join(root, 'bench/src/services/opentelemetry.js')));
  }
  const { defineLanes } = await importPackage('core');
  const lanes = defineLanes({ key: 'version', carry: { baggage: ['*'] } });
  const baggage = 'version=v2,userId=alice,serverNode=DF%2028,isProduction=false';
  const lane = lanes.capture({ baggage });
  const cases = await makeCases(lanes, baggage);

  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  console.log(`Node ${process.versions.node}\n`);
  printCells('', 'functions', 'files', 'calls');
  for (const each of cases) {
    const countOne = () => count(session, each);
    const run = () => (each.inLane ? lanes.run(lane, countOne) : countOne());
    printRow(`${each.title}: first call`, await run());
    await run();
    printRow(`${each.title}: later call`, await run());
  }
  // Servers and pools keep their connections.
  process.exit();
}
