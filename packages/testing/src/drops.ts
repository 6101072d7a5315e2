import { type DropMessage, dropChannel } from '@laneway/core';

/** Returns the messages on `laneway:drop` while `fn` runs. */
export async function collectDrops(fn: () => unknown): Promise<DropMessage[]> {
  const drops: DropMessage[] = [];
  const collect = (message: unknown): void => void drops.push(message as DropMessage);
  dropChannel.subscribe(collect);
  try {
    await fn();
  } finally {
    dropChannel.unsubscribe(collect);
  }
  return drops;
}
