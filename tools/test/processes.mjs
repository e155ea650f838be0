/** Processes that a check starts, and ends when it is over. */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { root } from '../bootstrap/install.mjs';
import { whenOrphaned } from '../bootstrap/orphan.mjs';

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let picker;

/** A port of loopback for a server that cannot pick one itself; once the packages are installed. */
export const freePort = async () => {
  picker ??= import('../build/load.mjs').then(({ load }) => load('libs/development/src/free-ports.ts'));
  return (await picker).freePort();
};

/**
 * @param {number} ms how long to wait
 * @param {number} everyMs between two looks
 * @returns ms until `test` was true
 * @throws Error when it is not within `ms`; what it rejects with counts as not true
 */
export const until = async (what, test, ms = 120_000, everyMs = 200) => {
  const startedAt = Date.now();
  for (; Date.now() - startedAt < ms; await wait(everyMs))
    if (await Promise.resolve(test()).catch(() => false)) return Date.now() - startedAt;
  throw new Error(`timed out waiting until ${what}`);
};

const keptCharacters = 100_000;

/**
 * @param {string} folder of this run
 * @returns what starts and ends them. They end, and the folder goes, also when this process is to end before the check is
 *   over; `signal` aborts then, for what else it has started
 */
export const createProcesses = (folder) => {
  const children = [];
  const ending = new AbortController();
  const stop = async () => {
    for (const child of children.splice(0).reverse()) {
      child.kill('SIGTERM');
      await Promise.race([child.ended, wait(30_000)]);
    }
  };
  const end = async () => {
    if (ending.signal.aborted) return;
    ending.abort();
    await stop();
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
  whenOrphaned(end);
  return {
    signal: ending.signal,
    /** Starts a program. `output` of what it returns is the end of what it said; `ended` resolves when it has. */
    start(command, args, env, options = {}) {
      ending.signal.throwIfAborted();
      const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], ...options });
      child.output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk) => (child.output = (child.output + chunk).slice(-keptCharacters)));
      child.ended = new Promise((resolve) => {
        child.on('exit', resolve);
        child.on('error', (error) => {
          child.output += error.message;
          resolve();
        });
      });
      children.push(child);
      return child;
    },
    /** Ends them, the last one first. */
    stop,
  };
};
