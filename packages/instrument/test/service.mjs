// Imports run first, so these functions must be instrumented by a preload, or be updated through imports by name.
import dns from 'node:dns';
import { Agent, get, request } from 'node:http';
import { defaultLanes } from '@laneway/core';
import axios from 'axios';
import followRedirects from 'follow-redirects';
import { got } from 'got';
import ky from 'ky';
import nodeFetch3 from 'node-fetch';
import nodeFetch2 from 'node-fetch-2';
import superagent from 'superagent';
import * as undici from 'undici';
import { clientsOf, run } from './calls.cjs';

dns.lookup = (_host, options, callback) => {
  const done = callback ?? options;
  if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }]);
  else done(null, '127.0.0.1', 4);
};

const scenario = process.env.SCENARIO;
// Late, but imports by name are updated.
if (scenario !== 'register' && scenario !== 'hook') (await import('../dist/index.mjs')).instrumentHttp();
if (scenario === 'otel after') await import('./otel.cjs');

const undicis = {
  'undici 6.0': await import('undici-6-lowest'),
  'undici 6': await import('undici-6'),
  'undici 7.0': await import('undici-7-lowest'),
  'undici 7': undici,
  ...(Number(process.versions.node.split('.')[0]) >= 22 && {
    'undici 8.0': await import('undici-8-lowest'),
    'undici 8': await import('undici-8'),
  }),
};
const modules = {
  Agent,
  get,
  request,
  axios,
  followRedirects,
  got,
  ky,
  nodeFetch2,
  nodeFetch3,
  superagent,
  undicis,
};
process.send(await run(clientsOf(modules), defaultLanes(), process.env.PORT));
process.disconnect();
