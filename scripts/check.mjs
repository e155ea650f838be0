/** `npm run check`: format, lint (with the rules on who may import whom) and types; all three run, whatever fails. */
import { spawnSync } from 'node:child_process';
import { root, runtimeEnvironment } from './install.mjs';

const environment = { ...runtimeEnvironment(), NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
const run = (name, command, args) => {
  console.log(`> ${name}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: environment });
  return { name, passed: status === 0 };
};

const results = [
  run('generate', 'nx', ['run-many', '-t', 'generate', '--outputStyle=stream-without-prefixes']),
  run('format', 'prettier', ['--check', '--log-level=warn', '.']),
  run('types', 'tsc', ['-p', 'tsconfig.json']),
  // The module boundaries are read from Nx's graph of the projects.
  run('graph', 'nx', ['graph', '--file=node_modules/.cache/bulkhead/graph.json']),
  run('lint', 'eslint', ['--max-warnings=0', '.']),
];
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exit(1);
}
console.log('check passed');
