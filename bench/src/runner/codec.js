import { Child } from './children.js';
import { spread } from './statistics.js';

/**
 * Measures capture plus attach in a process of its own.
 *
 * @param {{ node: string, seconds: number, progress: (line: string) => void }} options
 * @returns {Promise<{ laneway: import('./statistics.js').Spread, opentelemetry: import('./statistics.js').Spread, batches: number }>}
 */
export async function measureCodec({ node, seconds, progress }) {
  progress('capture plus attach: measuring');
  const child = new Child('capture plus attach', 'codec/capture-attach.js', {
    node,
    args: [String(seconds)],
  });
  try {
    const { batches } = await child.hello;
    return {
      laneway: spread(batches.map((batch) => batch.laneway)),
      opentelemetry: spread(batches.map((batch) => batch.opentelemetry)),
      batches: batches.length,
    };
  } finally {
    await child.stop();
  }
}
