import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A service under test, in a separate process. */
export interface ServiceProcess {
  /** The origin, without a trailing slash. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a service. The first line that it prints must be its port. */
export async function startService(command: string, args: readonly string[]): Promise<ServiceProcess> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${command} ended with ${String(code)}`))),
  ])) as [string];
  return { url: `http://127.0.0.1:${Number(port)}`, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}
