import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { outboundContract } from '@laneway/testing';
import { type AnyAgent, type AnySuperagent, clients, connect } from './clients.contract.js';
import { laneSuperagent } from './index.js';

for (const { name, superagent } of clients) {
  outboundContract({
    name,
    connect(lanes) {
      const agent = connect();
      const request = laneSuperagent<AnySuperagent>(superagent, lanes);
      return Promise.resolve({
        async call(url, headers = {}) {
          const { status, body } = await request.get(url).agent(agent).set(headers);
          return { status, body: JSON.stringify(body) };
        },
        close: () => Promise.resolve(agent.destroy()),
      });
    },
  });

  outboundContract({
    name: `${name}, an agent, with a callback`,
    connect(lanes) {
      const agent = connect();
      const request = laneSuperagent<AnyAgent>(superagent.agent(), lanes);
      return Promise.resolve({
        call: (url, headers = {}) =>
          new Promise((resolve, reject) => {
            const pending = request.get(url).agent(agent).set(headers);
            pending.end((error, response) => {
              if (response === undefined) reject(error);
              else resolve({ status: response.status, body: JSON.stringify(response.body) });
            });
          }),
        close: () => Promise.resolve(agent.destroy()),
      });
    },
  });

  outboundContract({
    name: `${name}, pipe`,
    connect(lanes) {
      const agent = connect();
      const request = laneSuperagent<AnySuperagent>(superagent, lanes);
      return Promise.resolve({
        async call(url, headers = {}) {
          const pending = request.get(url).agent(agent).set(headers);
          const failed = new Promise<never>((_, reject) => void pending.once('error', reject));
          return { status: 200, body: await Promise.race([text(pending.pipe(new PassThrough())), failed]) };
        },
        close: () => Promise.resolve(agent.destroy()),
      });
    },
  });
}
