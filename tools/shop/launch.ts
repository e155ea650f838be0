/** Builds what the shop needs and starts it: `npm start` and `npm run services` differ only in what they start. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildShop } from '../build/build-shop.ts';
import { imageNames } from '../images/images.ts';
import { root } from '../bootstrap/install.mjs';
import { runProgram } from '../bootstrap/run-program.mjs';
import { namesIn, splitOffOf } from './split-off.ts';

/** With what flags Node.js runs the bundle; for why, see apps/monolith/src/local/node-flags.ts. */
export const nodeFlags = ['--enable-source-maps', '--max-semi-space-size=8'];

const launcher = 'dist/apps/monolith/main.js';
const declaration = 'apps/monolith/extracted.json';

export async function launch(command: 'monolith' | 'services'): Promise<void> {
  const given = process.argv.slice(2);
  const words = given.filter((word) => word !== '--inspect');
  const [service] = words.filter((word) => !word.startsWith('-'));
  const isWatching = given.includes('--watch');
  // Read by the shop, and by what watches.
  if (command === 'monolith')
    process.env['SPLIT_OFF'] = splitOffOf(process.env['SPLIT_OFF'], extractedServices());
  if (service !== undefined) buildService(service);
  else buildShop(command === 'services' ? [] : ['monolith', 'storefront', ...splitOff()], { tells: true });
  console.log('Starting …');
  if (isWatching) return runProgram('tools/shop/watch.ts', { words: given });
  const inspecting = given.includes('--inspect') ? ['--inspect'] : [];
  await runProgram(launcher, { flags: [...nodeFlags, ...inspecting], words: [command, ...words] });
}

/** What `npm start` runs beside the monolith; names that are none are refused by the shop, in a sentence. */
const splitOff = (): string[] =>
  namesIn(process.env['SPLIT_OFF'] ?? '').filter((name) => serviceBundles().includes(name));

/** Those that are declared to be processes of their own, which takes a database of one's own. */
function extractedServices(): string[] {
  const { services } = JSON.parse(readFileSync(path.join(root, declaration), 'utf8')) as {
    services: string[];
  };
  const known = serviceBundles().filter((name) => existsSync(path.join(root, 'apps', name, 'prisma')));
  const unknown = services.filter((name) => !known.includes(name));
  if (unknown.length === 0) return services;
  console.error(
    `${declaration} lists ${unknown.join(', ')}; the services that may stand there: ${known.join(', ')}.`,
  );
  process.exit(2);
}

const serviceBundles = () => imageNames().filter((name) => name !== 'chart-jobs');

/** The one service, as it is now. What started the others runs from its own bundle, which is left alone. */
function buildService(service: string): void {
  const services = serviceBundles();
  if (!services.includes(service)) {
    console.error(`Unknown service ${service}; there are: ${services.join(', ')}.`);
    process.exit(2);
  }
  buildShop(existsSync(path.join(root, launcher)) ? [service] : [service, 'monolith'], { tells: true });
}
