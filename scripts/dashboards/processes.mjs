/** Processes that a check starts, and ends when it is over. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { root } from '../install.mjs';

export const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves with a port that is free now. */
export const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** @throws Error when `test` is not true within `ms`; what it throws counts as not true */
export const until = async (what, test, ms = 120_000) => {
  for (const end = Date.now() + ms; Date.now() < end; await wait(200))
    if (await Promise.resolve(test()).catch(() => false)) return;
  throw new Error(`waited in vain until ${what}`);
};

const keptCharacters = 100_000;

export const createProcesses = () => {
  const children = [];
  return {
    /** Starts a program. `output` of what it returns is the end of what it said; `ended` resolves when it has. */
    start(command, args, env, options = {}) {
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
    async stop() {
      for (const child of children.splice(0).reverse()) {
        child.kill('SIGTERM');
        await Promise.race([child.ended, wait(30_000)]);
      }
    },
  };
};
