/** Builds what the shop needs and starts it: `npm start` and `npm run services` differ only in what they start. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { buildShop } from './build-shop.mjs';
import { imageNames } from './images.mjs';
import { root } from './install.mjs';
import { runProgram } from './run-program.mjs';

/** With what flags Node.js runs the bundle; for why, see apps/monolith/src/local/node-flags.ts. */
export const nodeFlags = ['--enable-source-maps', '--max-semi-space-size=8'];

const launcher = 'dist/apps/monolith/main.js';

/** @param {'monolith' | 'services'} command */
export function launch(command) {
  const words = process.argv.slice(2);
  const [service] = words.filter((word) => !word.startsWith('-'));
  console.log('Building …');
  if (service !== undefined) buildService(service);
  else buildShop(command === 'services' ? [] : ['monolith', 'storefront']);
  console.log('Starting …');
  runProgram(launcher, { flags: nodeFlags, words: [command, ...words] });
}

/** The one service, as it is now. What started the others runs from its own bundle, which is left alone. */
function buildService(service) {
  const services = imageNames().filter((name) => name !== 'chart-jobs');
  if (!services.includes(service)) {
    console.error(`Unknown service ${service}; there are: ${services.join(', ')}.`);
    process.exit(2);
  }
  buildShop(existsSync(path.join(root, launcher)) ? [service] : [service, 'monolith']);
}
