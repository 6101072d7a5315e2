// A client to run by hand against `npx laneway up mesh.yaml`: node client-socket.js [lane] [transport]
import { randomUUID } from 'node:crypto';
import { io } from 'socket.io-client';

const [version, transport = 'websocket'] = process.argv.slice(2);
const { GATEWAY_URL = 'http://127.0.0.1:30080' } = process.env;

const clientId = randomUUID();
const client = io(GATEWAY_URL, {
  transports: [transport],
  reconnectionDelay: 500,
  extraHeaders: version === undefined ? {} : { version },
});

const send = () => client.emit('test000', clientId);

client.on('connect', () => {
  console.log(
    `Connected as ${clientId}, ${version === undefined ? 'without a lane' : `asking for lane ${version}`}`,
  );
  send();
});
client.on('okok', (message) => console.log('The server has a message for everyone:', message));
client.on('hello', (message, callback) => {
  console.log('The server responds to test000:', message);
  callback('got it');
});
client.on('disconnect', (reason) => console.log('Disconnected:', reason));
client.on('connect_error', (error) => {
  // The reason of a refusal is in the answer to the polling request. Over websocket only its status is visible.
  console.error(
    'Cannot connect:',
    error.context?.responseText?.trim() || error.description?.message || error.message,
  );
});

setInterval(() => {
  if (client.connected) send();
}, 5000);
