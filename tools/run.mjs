/**
 * `node tools/run.mjs NAME [ARGUMENTS…]`: what every script of package.json is. Answers `--help`, refuses arguments that
 * the command does not take, prepares what it needs, and runs it.
 */
import path from 'node:path';
import { helpOf, spoken } from './bootstrap/command-help.mjs';
import { readArguments } from './bootstrap/command-line.mjs';
import { commands } from './bootstrap/commands.mjs';
import './bootstrap/end-with-reader.cjs';
// From the first moment on, it knows whose child this is.
import './bootstrap/orphan.mjs';

const [name, ...given] = process.argv.slice(2);
const command = commands[name];
if (!command) throw new Error(`tools/bootstrap/commands.mjs has no ${name}`);

const { help, problem, positionals } = readArguments(command, given);
if (help) process.stdout.write(helpOf(name, command));
else if (problem) {
  console.error(`${problem} See ${spoken(name)} -- --help.`);
  process.exitCode = 2;
} else if (command.as) {
  const [other, ...args] = command.as;
  await run(commands[other], readArguments(commands[other], args).positionals, args);
} else await run(command, positionals, given);

async function run({ script, tool, needs = 'packages', packaged }, positionals, args) {
  if (needs !== 'nothing') (await import('./bootstrap/install.mjs')).ensureInstalled();
  if (needs === 'generated') (await import('./build/generated.mjs')).ensureGenerated();
  if (tool) {
    const { runTool } = await import('./bootstrap/run-program.mjs');
    runTool(tool(positionals));
  } else if (packaged) {
    const { runProgram } = await import('./bootstrap/run-program.mjs');
    runProgram(path.join('tools', script), { words: args });
  } else {
    // As if it had been started itself.
    const file = path.join(import.meta.dirname, script);
    process.argv.splice(1, Infinity, file, ...args);
    await import(file);
  }
}
