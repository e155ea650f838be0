/** Builds what the shop needs and starts it: `npm start` and `npm run services` differ only in what they start. */
import { buildShop } from './build-shop.mjs';
import { ensureInstalled } from './install.mjs';
import { runProgram } from './run-program.mjs';

const usage = {
  monolith: 'usage: npm start [-- --fresh]',
  services: 'usage: npm run services [-- --fresh | SERVICE]',
};

/** With what flags Node.js runs the bundle; for why, see apps/monolith/src/local/node-flags.ts. */
export const nodeFlags = ['--enable-source-maps', '--max-semi-space-size=8'];

/** @param {'monolith' | 'services'} command */
export function launch(command) {
  const words = process.argv.slice(2);
  const options = words.filter((word) => word.startsWith('-'));
  const names = words.filter((word) => !word.startsWith('-'));
  const unknown =
    options.some((option) => option !== '--fresh') || names.length > (command === 'services' ? 1 : 0);
  if (unknown) {
    console.error(usage[command]);
    process.exit(64);
  }
  ensureInstalled();
  if (names.length === 0) buildShop(command === 'services' ? [] : ['monolith']);

  runProgram('dist/apps/monolith/main.js', {
    flags: nodeFlags,
    words: [command, ...names, ...options],
  });
}
