/** `npm run acceptance -- URL`: the acceptance suite against a shop that runs somewhere. */
import { spawnSync } from 'node:child_process';
import { root, runtimeEnvironment } from '../bootstrap/install.mjs';
import { messageOf, stopUnavailable } from './unavailable.ts';

const args = process.argv.slice(2);
const origin = args.find((argument) => URL.canParse(argument));
if (!origin) {
  console.error('URL must be an absolute URL, such as http://127.0.0.1:3000.');
  process.exit(2);
}
await fetch(origin, { signal: AbortSignal.timeout(10_000) }).catch((error: Error) =>
  stopUnavailable(`No shop responds at ${origin}: ${messageOf(error.cause ?? error)}.`),
);
const { status } = spawnSync(
  'jest',
  ['--config', 'apps/acceptance/jest.config.cjs', ...args.filter((argument) => argument !== origin)],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...runtimeEnvironment(), BASE_URL: origin },
    shell: process.platform === 'win32',
  },
);
process.exit(status ?? 1);
