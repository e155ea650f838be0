// @ts-check
/** Runs a program on the packaged Node.js in place of this process. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { root, runtime, shopEnvironment } from './install.mjs';
import { isOrphaned, whenOrphaned } from './orphan.mjs';

/**
 * The program ends with this process, and this process with the program's exit code.
 * @param {string} file path from the root of the workspace
 * @param {{ flags?: readonly string[], words?: readonly string[], enter?: string }} options flags of Node.js; words for
 *   the program, those of this process unless given; a command in which to run it, such as `nsenter --net=…`
 */
export const runProgram = (file, { flags = [], words = process.argv.slice(2), enter = '' } = {}) =>
  runTool([
    ...enter.split(' ').filter(Boolean),
    runtime(),
    '--require',
    path.join(import.meta.dirname, 'end-with-reader.cjs'),
    ...flags,
    path.join(root, file),
    ...words,
  ]);

/**
 * The same for any program, those of the packages among them.
 * @param {readonly string[]} command the program and its arguments
 */
export const runTool = async (command) => {
  const code = await runStep(command);
  process.exit(code === badConfiguration ? 2 : code);
};

/**
 * Runs a program that ends with this process, as one of several.
 * @param {readonly string[]} command the program and its arguments
 * @param {{ environment?: Record<string, string>, stdio?: import('node:child_process').StdioOptions, putAway?: () => void }} options variables for it, its
 *   streams (ours unless given), and what is to be done where this process is to end with it
 * @returns {Promise<number>} its exit code, 1 where it was killed; never comes when this process is to end
 */
export const runStep = ([program = '', ...args], { environment = {}, stdio = 'inherit', putAway } = {}) => {
  // What came before may have taken a while.
  if (isOrphaned()) process.exit(1);
  /** @type {import('node:child_process').ChildProcess} */
  const child = spawn(program, args, {
    cwd: root,
    stdio,
    env: { ...shopEnvironment(), ...environment },
    shell: process.platform === 'win32',
  });
  let isEnding = false;
  /** @param {NodeJS.Signals} signal */
  const endWith = (signal) => {
    isEnding = true;
    // The terminal sends Ctrl-C to both; this one waits for the program to put itself away.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, endWith);
  const look = whenOrphaned(() => endWith('SIGTERM'));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${program} cannot be run: ${error.message}`);
      process.exit(1);
    });
    child.on('exit', (code, signal) => {
      const outcome = code ?? (signal ? 1 : 0);
      if (isEnding) {
        putAway?.();
        process.exit(outcome === badConfiguration ? 2 : outcome);
      }
      clearInterval(look);
      for (const each of signals) process.off(each, endWith);
      resolve(outcome);
    });
  });
};

/** EX_CONFIG of sysexits.h, of the deployed bundles. Commands have one exit code for all that was asked wrongly. */
const badConfiguration = 78;
