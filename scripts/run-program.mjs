/** Runs a program on the packaged Node.js in place of this process. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { shopEnvironment } from './build-shop.mjs';
import { root, runtime } from './install.mjs';

const parent = process.ppid;
const lookEveryMs = 250;

/** npm ends without a word to what it started when it is killed, and the shell that it puts in between passes nothing on. */
const whenOrphaned = (end) => {
  if (process.env.npm_lifecycle_event === undefined) return;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    end();
  }, lookEveryMs);
  look.unref();
};

/**
 * The program ends with this process, and this process with the program's exit code.
 * @param {string} file path from the root of the workspace
 * @param {{ flags?: readonly string[], words?: readonly string[], enter?: string }} options flags of Node.js; words for
 *   the program, those of this process unless given; a command in which to run it, such as `nsenter --net=…`
 */
export const runProgram = (file, { flags = [], words = process.argv.slice(2), enter = '' } = {}) => {
  const [command, ...rest] = [
    ...enter.split(' ').filter(Boolean),
    runtime(),
    ...flags,
    path.join(root, file),
    ...words,
  ];
  const child = spawn(command, rest, {
    cwd: root,
    stdio: 'inherit',
    env: shopEnvironment(),
  });
  // The terminal sends Ctrl-C to both; this one waits for the program to put itself away.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  whenOrphaned(() => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
};
