/**
 * What skaffold.yaml builds an image with: `node tools/images/skaffold-image.mjs APP`. Skaffold gives the image's name in
 * IMAGE, and in PUSH_IMAGE whether to push it. `npm run skaffold` keeps the bundles up to date itself and says so in
 * BULKHEAD_BUNDLES: there is one writer of dist at a time.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { shopEnvironment } from '../build/build-shop.mjs';
import { containerTool } from './container-tool.mjs';
import { ensureInstalled, root } from '../bootstrap/install.mjs';

const [app] = process.argv.slice(2);
const { IMAGE, PUSH_IMAGE, BULKHEAD_BUNDLES } = process.env;
if (!app || !IMAGE) {
  console.error('usage: IMAGE=NAME:TAG node tools/images/skaffold-image.mjs APP');
  process.exit(2);
}
ensureInstalled();
if (BULKHEAD_BUNDLES !== 'built') {
  const { status } = spawnSync('nx', ['build', app], { cwd: root, stdio: 'inherit', env: shopEnvironment() });
  if (status !== 0) process.exit(1);
}

const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
try {
  const tool = containerTool();
  tool.build(IMAGE, { SERVICE: app, VERSION: version });
  if (PUSH_IMAGE === 'true') tool.push(IMAGE);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
