import { EventEmitter } from 'node:events';
import { context } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { contractLanes, laneHeaders } from '@laneway/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bindEmitter, prepareEmitters } from './index.js';

describe.each(['Laneway', 'OpenTelemetry'])('with the context manager of %s', (owner) => {
  beforeAll(() => {
    context.disable();
    if (owner === 'OpenTelemetry') new NodeTracerProvider().register();
  });
  afterAll(() => context.disable());

  // OpenTelemetry's http instrumentation binds a request before an adapter enters its lane.
  test('bindEmitter replaces an earlier binding of OpenTelemetry', () => {
    const lanes = contractLanes();
    const emitter = new EventEmitter();
    const seen: unknown[] = [];
    const listener = (): void => void seen.push(lanes.current().name);
    context.bind(context.active(), emitter);
    lanes.run(lanes.capture(laneHeaders('v2')), () => bindEmitter(emitter));
    emitter.on('x', listener).once('x', listener);
    emitter.emit('x');
    emitter.off('x', listener).emit('x');
    expect(seen).toEqual(['v2', 'v2']);
  });
});

// An instrumentation may replace `emit` on the class, before a socket is bound or after it. A second copy of this package does, too.
test.each(['before', 'after'])(
  'a class whose emit is replaced after it was prepared, %s the emitter is bound',
  (when) => {
    class Socket extends EventEmitter {}
    prepareEmitters(Socket.prototype);
    const { emit } = Socket.prototype;
    const seen: unknown[] = [];
    const replace = (): void => {
      Socket.prototype.emit = function (...args) {
        seen.push('replaced');
        return Reflect.apply(emit, this, args);
      };
    };
    const lanes = contractLanes();
    const socket = new Socket();
    if (when === 'before') replace();
    lanes.run(lanes.capture(laneHeaders('v2')), () => bindEmitter(socket));
    if (when === 'after') replace();
    socket.on('x', () => seen.push(lanes.current().name));
    expect(socket.emit('x')).toBe(true);
    expect(seen).toEqual(['replaced', 'v2']);
  },
);
