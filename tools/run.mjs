// @ts-check
/**
 * `node tools/run.mjs NAME [ARGUMENTS…]`: what every script of package.json is. Answers `--help`, refuses arguments that
 * the command does not take, prepares what it needs, and runs it.
 */
import path from 'node:path';
import { helpOf, spoken } from './bootstrap/command-help.mjs';
import { readArguments } from './bootstrap/command-line.mjs';
import { commands } from './bootstrap/commands.mjs';
import './bootstrap/end-with-reader.cjs';
import { ensureInstalled } from './bootstrap/install.mjs';
import { isSupported } from './bootstrap/node-version.mjs';
// From the first moment on, it knows whose child this is.
import './bootstrap/orphan.mjs';
import { runProgram, runTool } from './bootstrap/run-program.mjs';

const [name = '', ...given] = process.argv.slice(2);
const command = commands[name];
if (!command) throw new Error(`tools/bootstrap/commands.mjs has no ${name}`);

const { help, problem } = readArguments(command, given);
if (help) process.stdout.write(helpOf(name, command));
else if (problem) {
  console.error(`${problem} See ${spoken(name)} -- --help.`);
  process.exitCode = 2;
} else if (!isSupported()) {
  // It may install, and cannot run TypeScript: the packaged one does.
  ensureInstalled();
  await runProgram('tools/run.mjs');
} else {
  const [other, ...args] = command.as ?? [name, ...given];
  const meant = commands[other] ?? command;
  await run(meant, readArguments(meant, args).positionals, args);
}

/**
 * @param {import('./bootstrap/commands.mjs').Command} command
 * @param {readonly string[]} positionals
 * @param {readonly string[]} args
 */
async function run({ script = '', tool, needs = 'packages', packaged }, positionals, args) {
  if (needs !== 'nothing') ensureInstalled();
  if (needs === 'generated') (await import('./build/generated.ts')).ensureGenerated();
  if (tool) await runTool(tool(positionals));
  else if (packaged) await runProgram(path.join('tools', script), { words: args });
  else {
    // As if it had been started itself.
    const file = path.join(import.meta.dirname, script);
    process.argv.splice(1, Infinity, file, ...args);
    await import(file);
  }
}
