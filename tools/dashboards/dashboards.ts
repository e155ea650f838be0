/**
 * `npm run dashboards`: writes k8s/dashboards/*.json and k8s/alerts/*.yaml, and the umbrella chart's copies, from their
 * TypeScript. `-- --check` writes nothing, and fails if anything would change.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type * as Generated from '../../k8s/generated-files';
import { root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';

const { generatedFiles } = await load<typeof Generated>('k8s/generated-files.ts');
const check = process.argv.includes('--check');
const generated = generatedFiles();
for (const [file, text] of generated) {
  const target = path.join(root, file);
  if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
  console.log(check ? `${file} is out of date; run npm run dashboards` : file);
  if (check) process.exitCode = 1;
  else {
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}
// The dashboard of a service that is gone.
for (const folder of ['k8s/dashboards', 'charts/bulkhead/files/dashboards'])
  for (const name of readdirSync(path.join(root, folder)).filter((each) => each.endsWith('.json'))) {
    const file = `${folder}/${name}`;
    if (generated.has(file)) continue;
    console.log(check ? `${file} is out of date; run npm run dashboards` : `${file} is removed`);
    if (check) process.exitCode = 1;
    else rmSync(path.join(root, file));
  }
