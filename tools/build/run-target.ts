/**
 * `node tools/build/run-target.ts WORDS…`: `nx run-many WORDS…` in a process of its own, which says how far it is while
 * whoever waits for it can say nothing. What nx prints is shown where it fails, alone.
 */
import { spawn } from 'node:child_process';
import { root } from '../bootstrap/install.mjs';
import { showProgress } from '../bootstrap/progress.mjs';

let output = '';
/** How many there are is in the first line of nx, and each that is done has one of its own. */
const howFar = (): string => {
  const [, projects = '1', tasks = '0'] =
    /for (?:project|(\d+) projects).*?(?:and (\d+) task|:)/.exec(output) ?? [];
  const done = output.match(/^> nx run /gm)?.length ?? 0;
  return output.includes('Running target')
    ? `${done} of ${Number(projects) + Number(tasks)} done`
    : 'looking';
};
const end = showProgress('Building', howFar);
const nx = spawn('nx', ['run-many', ...process.argv.slice(2), '--output-style=static'], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'pipe'],
  shell: process.platform === 'win32',
});
for (const stream of [nx.stdout, nx.stderr])
  stream.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
nx.on('error', (error) => {
  output += error.message;
  process.exitCode = 1;
});
nx.on('close', (code) => {
  end();
  process.exitCode ??= code ?? 1;
  if (process.exitCode !== 0) console.error(output);
});
