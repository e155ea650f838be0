/**
 * `npm run check`: format, lint (with the rules on who may import whom) and types; all three run, whatever fails. Each knows
 * what it found right before: Prettier by file, TypeScript by project, and ESLint, whose rules look at the types of other
 * files, where nothing at all has changed.
 */
import { runStep } from '../bootstrap/run-program.mjs';

const steps = {
  generate: ['nx', 'run-many', '-t', 'generate', '--outputStyle=stream-without-prefixes'],
  format: [
    ...['prettier', '--check', '--log-level=warn', '.'],
    ...['--cache', '--cache-strategy=content', '--cache-location=node_modules/.cache/bulkhead/prettier'],
  ],
  types: ['tsc', '-b', 'tsconfig.json', 'tools', 'apps/storefront'],
  // The module boundaries are read from Nx's graph of the projects.
  graph: ['nx', 'graph', '--file=node_modules/.cache/bulkhead/graph.json'],
  lint: ['nx', 'run', 'commands:lint-all', '--outputStyle=stream-without-prefixes'],
};
const results: { name: string; passed: boolean }[] = [];
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
