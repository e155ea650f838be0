/**
 * `npm run dashboards`: writes k8s/dashboards/*.json and k8s/alerts/*.yaml, and the umbrella chart's copies, from their
 * TypeScript. `-- --check` writes nothing, and fails if anything would change.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './install.mjs';
import { load } from './load.mjs';

const { generatedFiles } = await load('k8s/generated-files.ts');
const check = process.argv.includes('--check');
for (const [file, text] of generatedFiles()) {
  const target = path.join(root, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  console.log(check ? `${file} is not what \`npm run dashboards\` makes` : file);
  if (check) process.exitCode = 1;
  else {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}
