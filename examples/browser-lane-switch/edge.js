// The first service: it serves the page and sends everything else to the services behind it, in the lane of the visitor's cookie.
import { createServer } from 'node:http';
import { createProxyServer } from 'httpxy';
import { nodeHttpLane } from '@laneway/node-http';
import { edgeLanes } from './lanes.js';
import { servePage } from './serve-page.js';

const { PORT, SHOP_URL, CHAT_URL } = process.env;
const routes = { '/shop': SHOP_URL, '/socket.io/': CHAT_URL };

const proxy = createProxyServer();
const server = nodeHttpLane(createServer(), edgeLanes);

server.on('request', (request, response) => {
  const target = findTarget(request.url);
  if (target === undefined) servePage(request, response).catch(() => response.destroy());
  else proxy.web(inLane(request, target), response, { target }).catch(() => response.destroy());
});

server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  const target = findTarget(request.url);
  if (target === undefined) socket.destroy();
  else proxy.ws(inLane(request, target), socket, { target }, head).catch(() => socket.destroy());
});

proxy.on('error', (error, _request, response) => {
  console.error(error.message);
  if (response && 'writeHead' in response && !response.headersSent) response.writeHead(502).end();
  else response?.destroy();
});

// A pipe does not close one side when the other is destroyed.
proxy.on('proxyReqWs', (proxied, _request, socket) => {
  proxied.once('upgrade', (_response, peer) => {
    socket.once('close', () => peer.destroySoon());
    peer.once('close', () => socket.destroySoon());
  });
});

/** This is all that a proxy needs: the current lane, attached to the headers that it forwards. */
function inLane(request, to) {
  request.headers = edgeLanes.attach(request.headers, { to });
  return request;
}

function findTarget(url) {
  const path = url.split('?', 1)[0];
  return Object.entries(routes).find(([prefix]) => path.startsWith(prefix))?.[1];
}

server.listen(Number(PORT), '127.0.0.1', () => console.log(`running as ${process.pid}`));
