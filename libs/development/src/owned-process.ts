import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';

/**
 * Waits for end-of-file, that is for the owner's death, then ends the child. $1 pid or -group, $2 signal, the rest are
 * paths to remove.
 */
const watchdog = `
read _ && exit
kill -s "$2" -- "$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do kill -s 0 -- "$1" 2>/dev/null || break; sleep 1; done
kill -s KILL -- "$1" 2>/dev/null
shift 2
[ $# = 0 ] || rm -rf "$@"`;

export interface OwnedProcess {
  readonly child: ChildProcess;
  /** Resolves when it has ended for any reason, with its exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** Signals it and waits; SIGKILL after `graceMs` (default 15000). */
  stop(graceMs?: number): Promise<void>;
}

export interface OwnedProcessOptions extends SpawnOptions {
  /** Signal that asks it to end. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** Also signals its descendants, for a server behind a shell script. */
  readonly group?: boolean;
  /** Folders to remove if this process dies without stopping the child. */
  readonly removeOnDeath?: readonly string[];
}

/**
 * Starts a server that lives no longer than this process: a watchdog ends it even when this process is killed with
 * SIGKILL. It has its own session, so that Ctrl-C reaches only its owner, which stops it cleanly.
 */
export const spawnOwned = (
  command: string,
  args: readonly string[],
  { stopSignal = 'SIGTERM', group = false, removeOnDeath, ...options }: OwnedProcessOptions,
): OwnedProcess => {
  const child = spawn(command, args, { ...options, detached: true });
  const target = group ? -(child.pid ?? 0) : (child.pid ?? 0);
  const guard = target === 0 ? undefined : watch(target, stopSignal, removeOnDeath);
  let hasEnded = false;
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 0));
  });
  void ended.then(() => {
    hasEnded = true;
    guard?.stdin?.end('done\n');
  });
  const signal = (name: NodeJS.Signals) => {
    if (hasEnded || target === 0) return;
    try {
      process.kill(target, name);
    } catch {
      // It has just exited.
    }
  };
  return {
    child,
    ended,
    async stop(graceMs = 15_000) {
      signal(stopSignal);
      const killer = setTimeout(() => signal('SIGKILL'), graceMs);
      await ended;
      clearTimeout(killer);
    },
  };
};

const watch = (target: number, stopSignal: NodeJS.Signals, removeOnDeath: readonly string[] = []) => {
  const signal = stopSignal.replace('SIG', '');
  const guard = spawn('/bin/sh', ['-c', watchdog, 'watchdog', String(target), signal, ...removeOnDeath], {
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
