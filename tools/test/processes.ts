/** Processes that a check starts, and ends when it is over. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import type * as FreePorts from '@bulkhead/development/free-ports';
import { root } from '../bootstrap/install.mjs';
import { whenOrphaned } from '../bootstrap/orphan.mjs';

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let picker: Promise<typeof FreePorts> | undefined;

/** A port of loopback for a server that cannot pick one itself; once the packages are installed. */
export const freePort = async (): Promise<number> => {
  picker ??= import('../build/load.ts').then(({ load }) =>
    load<typeof FreePorts>('libs/development/src/free-ports.ts'),
  );
  return (await picker).freePort();
};

/**
 * @param test whatever is truthy counts as true, and what it rejects with as not true
 * @param ms how long to wait; the default is for what hangs, on a machine of any speed
 * @param everyMs between two looks
 * @returns ms until `test` was true
 * @throws Error when it is not within `ms`
 */
export const until = async (
  what: string,
  test: () => unknown,
  ms = 600_000,
  everyMs = 200,
): Promise<number> => {
  const startedAt = Date.now();
  for (; Date.now() - startedAt < ms; await wait(everyMs))
    if (await Promise.resolve(test()).catch(() => false)) return Date.now() - startedAt;
  throw new Error(`timed out waiting until ${what}`);
};

const keptCharacters = 100_000;

export interface StartedProcess extends ChildProcess {
  /** The end of what it said. */
  output: string;
  /** Resolves when it has ended, to its exit code; null where it was killed or could not be started. */
  readonly ended: Promise<number | null>;
}

/**
 * @param folder of this run
 * @returns what starts and ends them. They end, and the folder goes, also when this process is to end before the check is
 *   over; `signal` aborts then, for what else it has started
 */
export const createProcesses = (folder: string) => {
  const children: StartedProcess[] = [];
  const ending = new AbortController();
  const stop = async (): Promise<void> => {
    for (const child of children.splice(0).reverse()) {
      child.kill('SIGTERM');
      await Promise.race([child.ended, wait(30_000)]);
    }
  };
  const end = async (): Promise<void> => {
    if (ending.signal.aborted) return;
    ending.abort();
    await stop();
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end());
  whenOrphaned(() => void end());
  return {
    signal: ending.signal,
    /** Starts a program. */
    start(
      command: string,
      args: readonly string[],
      env: NodeJS.ProcessEnv,
      options: SpawnOptions = {},
    ): StartedProcess {
      ending.signal.throwIfAborted();
      const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
      const ended = new Promise<number | null>((resolve) => {
        child.on('exit', resolve);
        child.on('error', (error) => {
          started.output += error.message;
          resolve(null);
        });
      });
      const started: StartedProcess = Object.assign(child, { output: '', ended });
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => {
          started.output = (started.output + chunk.toString()).slice(-keptCharacters);
        });
      children.push(started);
      return started;
    },
    /** Ends them, the last one first. */
    stop,
  };
};

export type Processes = ReturnType<typeof createProcesses>;
