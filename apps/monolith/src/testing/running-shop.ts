import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '@bulkhead/development/free-ports';
import { spawnOwned } from '@bulkhead/development/owned-process';
import { nodeFlags } from '../local/node-flags';

/** Tests and tools run in the root of the workspace. */
const bundle = 'dist/apps/monolith/main.js';
const upWithinMs = 120_000;
/** Limit of the output kept during the shop's tests, in characters. */
const keptCharacters = 50_000_000;

/** The shop as a user starts it: the built bundle as a separate process. */
export interface RunningShop {
  readonly origin: string;
  /** The admin port: of the single process, or of the gateway. */
  readonly admin: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Everything it has printed. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Ends it like Ctrl-C, and resolves with the exit code or signal. */
  stop(): Promise<number | NodeJS.Signals>;
}

export interface StartOptions {
  readonly command: 'monolith' | 'services' | 'migrate';
  readonly dataDir: string;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Root of the checkout in which the bundle was built. Default: this one. */
  readonly root?: string;
  /** Additional flags for Node.js, such as `--cpu-prof`. */
  readonly flags?: readonly string[];
}

export const makeDataDir = () => mkdtemp(path.join(tmpdir(), 'bulkhead-shop-'));
export const removeDataDir = (dataDir: string) => rm(dataDir, { recursive: true, force: true });

/** Starts it on free ports, with rate limits high enough for tests from one address. */
export async function startProcess(options: StartOptions) {
  const [port, adminPort] = await freePorts(2);
  const owned = spawnOwned(
    process.execPath,
    [
      ...nodeFlags,
      ...(options.flags ?? []),
      path.resolve(options.root ?? '.', bundle),
      options.command,
      ...(options.words ?? []),
    ],
    {
      ...(options.root === undefined ? {} : { cwd: options.root }),
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_ENV: 'test',
        DATA_DIR: options.dataDir,
        PORT: String(port),
        ADMIN_PORT: String(adminPort),
        RATE_LIMITS: 'off',
        AUTH_FREE_ATTEMPTS_PER_ADDRESS: '100000',
        ...options.environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [owned.child.stdout, owned.child.stderr])
    stream?.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-keptCharacters)));
  return { owned, output: () => output, admin: `http://127.0.0.1:${adminPort}` };
}

/** @throws Error with its output, if it ends or is not up in time */
export async function startShop(options: StartOptions): Promise<RunningShop> {
  const { owned, output, admin } = await startProcess(options);
  let ended: number | NodeJS.Signals | undefined;
  void owned.ended.then((how) => (ended = how));
  const until = Date.now() + upWithinMs;
  for (;;) {
    const origin = /Bulkhead is up at (\S+)/.exec(output())?.[1];
    if (origin)
      return {
        origin,
        admin,
        dataDir: options.dataDir,
        pid: owned.child.pid!,
        output,
        kill: (signal) => void owned.child.kill(signal),
        async stop() {
          await owned.stop(40_000);
          return owned.ended;
        },
      };
    if (ended !== undefined || Date.now() > until) {
      await owned.stop();
      throw new Error(`the shop did not come up (${ended ?? 'too slow'}):\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
