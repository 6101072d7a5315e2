// A socket.io service. It answers each event as `shop` answers a request.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { socketIoLane } from '@laneway/socket.io';
import { lanes } from './lanes.js';
import { takeTour } from './take-tour.js';

const server = createServer();
const io = new Server(server);
io.use(socketIoLane(lanes));

io.on('connection', (socket) => {
  socket.on('tour', async (answer) => answer(await takeTour()));
});

server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log(`running as ${process.pid}`));
