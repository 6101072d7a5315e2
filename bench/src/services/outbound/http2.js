import http2 from 'node:http2';
import { laneHttp2 } from '@laneway/http2';
import { upstreamHttp2 } from '../listen.js';

function callBy(module) {
  const session = module.connect(upstreamHttp2);
  return (headers = {}) =>
    new Promise((resolve, reject) => {
      const stream = session.request({ ':path': '/hello', ...headers });
      let text = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk) => (text += chunk));
      stream.on('end', () => resolve(text));
      stream.on('error', reject);
    });
}

export const byHand = () => callBy(http2);

export const laneway = (lanes) => callBy(laneHttp2(http2, lanes));
