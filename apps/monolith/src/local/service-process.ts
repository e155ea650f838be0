import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServiceName } from '@bulkhead/contracts/services';
import { spawnOwned } from '@bulkhead/development/owned-process';
import { nodeFlags } from './node-flags';

/** A service that runs as a child of this process, and ends with it even if this process is killed. */
export interface LaunchedService {
  readonly name: ServiceName;
  readonly pid: number | undefined;
  /** Resolves with the exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  isStopping(): boolean;
  stop(graceMs: number): Promise<void>;
}

/** Starts the bundle of a service with exactly this environment, and prefixes every line of its output. */
export function launchService(
  name: ServiceName,
  environment: Readonly<Record<string, string>>,
): LaunchedService {
  const owned = spawnOwned(process.execPath, [...nodeFlags, join(__dirname, '..', name, 'main.js')], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const prefix = `${name.padEnd(12)} | `;
  for (const stream of [owned.child.stdout, owned.child.stderr])
    if (stream)
      createInterface({ input: stream }).on('line', (line) => process.stdout.write(`${prefix}${line}\n`));
  let stopping = false;
  return {
    name,
    pid: owned.child.pid,
    ended: owned.ended,
    isStopping: () => stopping,
    stop(graceMs) {
      stopping = true;
      return owned.stop(graceMs);
    },
  };
}

const readyWithinMs = 60_000;
const askEveryMs = 100;

/** @throws Error if the service ends, or is not ready within a minute */
export async function waitUntilReady(service: LaunchedService, url: string): Promise<void> {
  const until = Date.now() + readyWithinMs;
  let ended: number | NodeJS.Signals | undefined;
  void service.ended.then((how) => (ended = how));
  while (Date.now() < until) {
    if (ended !== undefined) throw new Error(`${service.name} ended (${ended}) before it was ready`);
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  throw new Error(`${service.name} was not ready within ${readyWithinMs / 1000} s`);
}
