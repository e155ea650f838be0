/** `npm run acceptance -- URL`: the acceptance suite against a shop that runs somewhere. */
import { spawnSync } from 'node:child_process';
import { ensureInstalled, root, runtimeEnvironment } from './install.mjs';

const [origin, ...rest] = process.argv.slice(2);
if (!origin || !URL.canParse(origin)) {
  console.error('usage: npm run acceptance -- URL, such as http://127.0.0.1:3000');
  process.exit(64);
}
ensureInstalled();
const { status } = spawnSync('jest', ['--config', 'apps/acceptance/jest.config.cjs', ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...runtimeEnvironment(), BASE_URL: origin },
  shell: process.platform === 'win32',
});
process.exit(status ?? 1);
