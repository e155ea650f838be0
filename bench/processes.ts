import { type ChildProcess, fork } from 'node:child_process';

/** Where a process of the bench takes requests, and what a request needs to be let in. */
export interface Address {
  readonly origin: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Where the keys of the tokens in them are. */
  readonly keysUrl?: string;
}

export interface ServerProcess extends Address {
  /** CPU time that it has used so far, all its threads together. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

const startWithinMs = 20_000;

/**
 * Runs one of the bench's servers in a process of its own, as in production: this same bundle with the words
 * `server <role>`. It ends with this process.
 * @param settings environment variables of the server
 */
export async function startServer(
  role: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const child = fork(__filename, ['server', role], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...settings },
    execArgv: profilerOf(role),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const address = await message<Address>(child, startWithinMs);
  return {
    ...address,
    async cpuMs() {
      child.send('cpu');
      return message<number>(child, startWithinMs);
    },
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.disconnect();
      }),
  };
}

/** BENCH_PROFILE names the roles, separated by commas, whose CPU profiles are written when they end. */
const profilerOf = (role: string): string[] =>
  process.env['BENCH_PROFILE']?.split(',').includes(role)
    ? ['--cpu-prof', '--cpu-prof-dir=dist/bench/profiles']
    : [];

/** Called by a server once it listens. It ends when the bench lets go of it. */
export function announce(address: Address): void {
  // The bench may have been ended while this started.
  process.send?.(address, (error: Error | null) => {
    if (error) process.exit(0);
  });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.((user + system) / 1_000);
  });
  process.once('disconnect', () => process.exit(0));
}

/** The one message of a child. @throws Error when it ends or stays silent */
export function message<T>(child: ChildProcess, withinMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`process ${child.spawnargs.slice(2).join(' ')} said nothing for ${withinMs} ms`));
    }, withinMs);
    const onMessage = (value: unknown) => {
      settle();
      resolve(value as T);
    };
    const onExit = (code: number | null) => {
      settle();
      reject(new Error(`process ${child.spawnargs.slice(2).join(' ')} ended with ${code}`));
    };
    const settle = () => {
      clearTimeout(timer);
      child.off('message', onMessage).off('exit', onExit);
    };
    child.once('message', onMessage).once('exit', onExit);
  });
}
