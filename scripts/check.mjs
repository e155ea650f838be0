/** `npm run check`: format, lint (with the rules on who may import whom) and types; all three run, whatever fails. */
import { runStep } from './run-program.mjs';

const steps = {
  generate: ['nx', 'run-many', '-t', 'generate', '--outputStyle=stream-without-prefixes'],
  format: ['prettier', '--check', '--log-level=warn', '.'],
  types: ['tsc', '-b', 'tsconfig.json', 'apps/storefront'],
  // The module boundaries are read from Nx's graph of the projects.
  graph: ['nx', 'graph', '--file=node_modules/.cache/bulkhead/graph.json'],
  lint: ['eslint', '--max-warnings=0', '.'],
};
const results = [];
for (const [name, command] of Object.entries(steps)) {
  console.log(`> ${name}`);
  results.push({ name, passed: (await runStep(command)) === 0 });
}
const failed = results.filter(({ passed }) => !passed).map(({ name }) => name);
if (failed.length > 0) {
  console.error(`check failed: ${failed.join(', ')}`);
  process.exit(1);
}
console.log('check passed');
