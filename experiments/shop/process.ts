import { createWriteStream } from 'node:fs';
import { nodeFlags } from '@bulkhead/app/monolith/src/local/node-flags';
import { type OwnedProcess, spawnOwned } from '@bulkhead/development/owned-process';

const readyWithinMs = 90_000;
const askEveryMs = 50;

/** Starts a bundle with exactly this environment; what it prints is appended to a file. */
export function launch(
  script: string,
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  logFile: string,
): OwnedProcess {
  const owned = spawnOwned(process.execPath, [...nodeFlags, script, ...words], {
    env: { PATH: process.env['PATH'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(logFile, { flags: 'a' });
  owned.child.stdout?.pipe(log, { end: false });
  owned.child.stderr?.pipe(log, { end: false });
  return owned;
}

/** @throws Error when it ends, or is not ready within a minute and a half */
export async function waitUntilReady(name: string, owned: OwnedProcess, adminPort: number): Promise<void> {
  const until = Date.now() + readyWithinMs;
  let ended: number | NodeJS.Signals | undefined;
  void owned.ended.then((how) => (ended = how));
  while (Date.now() < until) {
    if (ended !== undefined) throw new Error(`${name} ended (${ended}) before it was ready`);
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  throw new Error(`${name} was not ready within ${readyWithinMs / 1000} s`);
}
