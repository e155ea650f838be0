// @ts-check
/**
 * What skaffold.yaml builds an image with: `node tools/images/skaffold-image.mjs APP`. Skaffold gives the image's name in
 * IMAGE, and in PUSH_IMAGE whether to push it. `npm run skaffold` keeps the bundles up to date itself and says so in
 * BULKHEAD_BUNDLES: there is one writer of dist at a time. Whatever Node.js Skaffold finds starts it: plain JavaScript.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ensureInstalled, root, shopEnvironment } from '../bootstrap/install.mjs';
import { isSupported } from '../bootstrap/node-version.mjs';
import { runProgram } from '../bootstrap/run-program.mjs';

const [app] = process.argv.slice(2);
const { IMAGE, PUSH_IMAGE, BULKHEAD_BUNDLES } = process.env;
if (!app || !IMAGE) {
  console.error('usage: IMAGE=NAME:TAG node tools/images/skaffold-image.mjs APP');
  process.exit(2);
}
ensureInstalled();
if (!isSupported()) await runProgram('tools/images/skaffold-image.mjs');
if (BULKHEAD_BUNDLES !== 'built') {
  const { status } = spawnSync('nx', ['build', app], { cwd: root, stdio: 'inherit', env: shopEnvironment() });
  if (status !== 0) process.exit(1);
}

/** @type {{ version: string }} */
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
try {
  const { containerTool } = await import('./container-tool.ts');
  const tool = containerTool();
  tool.build(IMAGE, { SERVICE: app, VERSION: version });
  if (PUSH_IMAGE === 'true') tool.push(IMAGE);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
