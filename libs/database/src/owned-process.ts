import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';

/** Waits for end-of-file, that is for the owner's death, then ends the child and clears up. $1 pid, $2 signal, $3 what to remove. */
const watchdog =
  'read _ && exit; kill -"$2" "$1" 2>/dev/null; ' +
  'for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do kill -0 "$1" 2>/dev/null || break; sleep 1; done; ' +
  'kill -KILL "$1" 2>/dev/null; [ -z "$3" ] || rm -rf "$3"';

export interface OwnedProcess {
  readonly child: ChildProcess;
  /** Resolves when it has ended, whatever the cause, with its exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Signals it and waits; SIGKILL after `graceMs` (default 15000). */
  stop(graceMs?: number): Promise<void>;
}

export interface OwnedProcessOptions extends SpawnOptions {
  /** How to ask it to end. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Removed should this process die without stopping the child. */
  readonly removeOnDeath?: string;
}

/**
 * Starts a server that lives as long as this process and no longer: a watchdog ends it even when this process is
 * killed with SIGKILL. It has its own session, so that Ctrl-C reaches only its owner, who stops it in order.
 */
export const spawnOwned = (
  command: string,
  args: readonly string[],
  { stopSignal = 'SIGTERM', removeOnDeath, ...options }: OwnedProcessOptions,
): OwnedProcess => {
  const child = spawn(command, args, { ...options, detached: true });
  const guard = child.pid === undefined ? undefined : watch(child.pid, stopSignal, removeOnDeath);
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
  });
  void ended.then(() => guard?.stdin?.end('done\n'));
  return {
    child,
    ended,
    async stop(graceMs = 15_000) {
      child.kill(stopSignal);
      const killer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(killer);
    },
  };
};

const watch = (pid: number, stopSignal: NodeJS.Signals, removeOnDeath = '') => {
  const signal = stopSignal.replace('SIG', '');
  const guard = spawn('/bin/sh', ['-c', watchdog, 'watchdog', String(pid), signal, removeOnDeath], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.on('error', () => undefined);
  guard.stdin?.on('error', () => undefined);
  guard.unref();
  (guard.stdin as unknown as { unref?(): void } | null)?.unref?.();
  return guard;
};
