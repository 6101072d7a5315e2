// A service with every fault of faults.fixture.mjs: `POST /NAME` has the fault NAME, `POST /none` has no fault. Other paths never
// answer, close the connection, or handle one request at a time. It prints its port.
import { createServer, request as call } from 'node:http';
import { FAULTS } from './faults.fixture.mjs';

function post(url, lines, body) {
  const headers = [
    'host',
    new URL(url).host,
    'content-type',
    'application/json',
    'content-length',
    String(Buffer.byteLength(body)),
  ];
  return new Promise((resolve, reject) => {
    call(url, { method: 'POST', headers: [...headers, ...lines.flat()] }, (response) =>
      response.resume().on('end', resolve),
    )
      .on('error', reject)
      .end(body);
  });
}

function linesOf({ rawHeaders }) {
  return rawHeaders.flatMap((name, i) =>
    i % 2 === 0 && name.toLowerCase() === 'baggage' ? [[name, rawHeaders[i + 1]]] : [],
  );
}

let turn = Promise.resolve();

async function serve(request, response) {
  const name = decodeURIComponent(request.url.slice(1));
  let body = '';
  for await (const chunk of request) body += chunk;
  if (name === 'says nothing') return;
  const lines = linesOf(request);
  const text = lines.length === 0 ? undefined : lines.map(([, value]) => value).join(',');
  if (name === 'hangs' && text !== undefined) return;
  if (name === 'hangs up' && text !== undefined) return void request.socket.destroy();
  const fault = FAULTS[name] ?? FAULTS.none;
  fault.begin?.(text);
  for (const [index, { url, arguments: next }] of JSON.parse(body).entries()) {
    const out = fault(text, { call: index, lines });
    const outLines = out === undefined ? [] : Array.isArray(out) ? out : [['baggage', out]];
    await post(url, outLines, JSON.stringify(next));
  }
  response.end();
}

const server = createServer((request, response) => {
  const oneAtATime = request.url === '/one%20at%20a%20time';
  if (oneAtATime) return void (turn = turn.then(() => serve(request, response)));
  serve(request, response).catch(() => {
    response.statusCode = 500;
    response.end();
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
