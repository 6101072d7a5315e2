import http from 'node:http';
import { text } from 'node:stream/consumers';
import type { Lanes } from '@laneway/core';
import { type Call, loopbackLookup, outboundContract } from '@laneway/testing';
import followRedirects from 'follow-redirects';
import { laneHttp } from './index.js';

type Request = (url: string, options: http.RequestOptions) => http.ClientRequest;

/** A client with one kept-alive connection, on a `request` made from a wrapped module. */
const connect = (requestOf: (wrapped: typeof http) => Request) => (lanes: Lanes) => {
  const options = { keepAlive: true, maxSockets: 1, lookup: loopbackLookup };
  const agent = new http.Agent(options);
  const request = requestOf(laneHttp(http, lanes));
  const call: Call = (url, headers) =>
    new Promise((resolve, reject) => {
      request(url, { agent, headers })
        .on('error', reject)
        .on('response', (response: http.IncomingMessage) => {
          text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
        })
        .end();
    });
  return Promise.resolve({
    call,
    close: () => {
      agent.destroy();
      return Promise.resolve();
    },
  });
};

outboundContract({ name: 'http.request', connect: connect((wrapped) => wrapped.request) });

outboundContract({
  name: 'http.get',
  connect: connect((wrapped) => wrapped.get),
});

outboundContract({
  name: 'follow-redirects',
  connect: connect((wrapped) => {
    const redirecting = followRedirects.wrap({ http: wrapped, https: wrapped });
    return redirecting.http?.request as unknown as Request;
  }),
});
