import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePorts } from '@bulkhead/development/free-ports';
import { spawnOwned } from '@bulkhead/development/owned-process';
import { nodeFlags } from '../local/node-flags';

/** Tests and tools run in the root of the workspace. */
const bundle = 'dist/apps/monolith/main.js';
const upWithinMs = 120_000;
/** All that a shop says during its tests, and an end to it should it not stop talking. */
const keptCharacters = 50_000_000;

/** The shop as a person starts it: the built bundle as a process of its own. */
export interface RunningShop {
  readonly origin: string;
  /** The admin port: of the one process, or of the gateway. */
  readonly admin: string;
  readonly dataDir: string;
  readonly pid: number;
  /** All that it has printed. */
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Ends it as Ctrl-C would, and resolves with the exit code or signal. */
  stop(): Promise<number | NodeJS.Signals>;
}

export interface StartOptions {
  readonly command: 'monolith' | 'services' | 'migrate';
  readonly dataDir: string;
  readonly words?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Of the checkout that the bundle was built in. Default: this one. */
  readonly root?: string;
  /** Flags for Node.js beyond those it always has, as `--cpu-prof`. */
  readonly flags?: readonly string[];
}

export const makeDataDir = () => mkdtemp(path.join(tmpdir(), 'bulkhead-shop-'));
export const removeDataDir = (dataDir: string) => rm(dataDir, { recursive: true, force: true });

/** Starts it on free ports, with limits out of the way of tests that come from one address. */
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

/** @throws Error with what it printed, when it ends or is not up in time */
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
