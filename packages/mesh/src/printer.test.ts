import { expect, it } from 'vitest';
import type { MeshServe } from './index.js';
import { parseMesh } from './load.js';
import { TWO_SERVICES } from './mesh.fixture.js';
import { createPrinter, type PrinterOptions } from './printer.js';

const SERVE: MeshServe = {
  via: 'gateway',
  method: 'GET',
  path: '/socket.io/',
  websocket: false,
  lane: 'v2',
  service: 'front',
  version: 'v1',
  baseline: true,
  refusal: undefined,
};

function print(serve: Partial<MeshServe>, options: Omit<PrinterOptions, 'stream'> = {}): string {
  let printed = '';
  const stream = { write: (text: string) => (printed += text) };
  createPrinter(parseMesh(TWO_SERVICES, 'mesh.yaml'), { stream, ...options }).onServe({ ...SERVE, ...serve });
  return printed;
}

it('prints which workload served a request', () => {
  expect(print({})).toBe('gateway    GET /socket.io/  lane v2  -> front v1 (baseline)\n');
  expect(print({ websocket: true })).toBe('gateway    WS /socket.io/  lane v2  -> front v1 (baseline)\n');
  expect(print({ via: 'back', service: 'back', version: 'v2', baseline: false, lane: undefined })).toBe(
    'back       GET /socket.io/  no lane  -> back v2\n',
  );
  expect(print({ version: undefined, baseline: false, refusal: 'It is strict.' })).toBe(
    'gateway    GET /socket.io/  lane v2  -> front 503 It is strict.\n',
  );
});

it('prints no requests when quiet', () => {
  expect(print({}, { quiet: true })).toBe('');
});

it('escapes control characters of a request', () => {
  expect(print({ lane: 'a\n\u001B[2Jb', path: '/\u009Bc' })).toBe(
    "gateway    GET '/\\x9Bc'  lane 'a\\n\\x1B[2Jb'  -> front v1 (baseline)\n",
  );
});

it('prints the output of the services and the messages of the mesh', () => {
  let printed = '';
  const stream = { write: (text: string) => (printed += text) };
  const { onLog } = createPrinter(parseMesh(TWO_SERVICES, 'mesh.yaml'), { stream });
  onLog({ source: 'front v1', level: 'output', text: 'hello' });
  onLog({ source: 'mesh', level: 'error', text: 'back v2 ended' });
  expect(printed).toBe('front v1 | hello\nmesh     | back v2 ended\n');
});
