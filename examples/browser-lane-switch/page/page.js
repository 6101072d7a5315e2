import { io } from './socket.io/socket.io.esm.min.js';
import { readLane, writeLane } from './lane-cookie.js';
import { showError, showTour } from './tour-card.js';

const picker = document.querySelector('lane-picker');
const cards = { http: document.querySelector('#http'), socket: document.querySelector('#socket') };

// Only WebSocket: one connection is one handshake, and so one lane. Each polling request would have the cookie of its time.
const socket = io({ transports: ['websocket'], autoConnect: false });

picker.addEventListener('pick', () => {
  // A connection keeps the lane of its handshake, so close it and open another one.
  socket.disconnect();
  writeLane(picker.lane);
  ask();
});
document.querySelector('#again').addEventListener('click', ask);
socket.on('connect', askSocket);
socket.on('connect_error', (error) => showError(cards.socket, error.message));

function ask() {
  const lane = readLane();
  picker.lane = lane;
  document.querySelector('#cookie').textContent = lane === '' ? 'no lane cookie' : `Cookie: lane=${lane}`;
  void askShop();
  if (socket.connected) void askSocket();
  else socket.connect();
}

async function askShop() {
  await show(cards.http, async () => {
    const response = await fetch('/shop');
    if (!response.ok) throw new Error(`The answer was ${response.status}.`);
    return response.json();
  });
}

async function askSocket() {
  await show(cards.socket, () => socket.timeout(5000).emitWithAck('tour'));
}

async function show(card, getTour) {
  card.setAttribute('aria-busy', 'true');
  const asked = (card.asked = Symbol('asked'));
  try {
    const tour = await getTour();
    // A newer question may have been asked, in another lane.
    if (card.asked === asked) showTour(card, tour);
  } catch (error) {
    if (card.asked === asked) showError(card, error.message);
  }
}

ask();
