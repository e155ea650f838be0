/** `npm run lint`: ESLint, with the graph of the projects, from which the rules on who may import whom are read. */
import { spawnSync } from 'node:child_process';
import { root, shopEnvironment } from '../bootstrap/install.mjs';
import { runTool } from '../bootstrap/run-program.mjs';

const graph = ['graph', '--file=node_modules/.cache/bulkhead/graph.json'];
const { status, stdout, stderr } = spawnSync('nx', graph, {
  cwd: root,
  encoding: 'utf8',
  env: shopEnvironment(),
  shell: process.platform === 'win32',
});
if (status !== 0) {
  console.error(`${stdout}${stderr}`);
  console.error('The graph of the projects could not be drawn.');
  process.exit(1);
}
const args = process.argv.slice(2);
const isAll = args.every((argument) => argument.startsWith('-'));
await runTool(['eslint', '--max-warnings=0', ...args, ...(isAll ? ['.'] : [])]);
