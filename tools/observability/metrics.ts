/** `npm run docs:metrics`: writes docs/metrics.md from what the services measure, with the test that guards it. */
import { spawnSync } from 'node:child_process';
import { root, runtime, runtimeEnvironment } from '../bootstrap/install.mjs';

const { status } = spawnSync(
  runtime(),
  ['node_modules/jest/bin/jest.js', '--config', 'apps/monolith/jest.config.cjs', 'metrics-catalogue'],
  { cwd: root, stdio: 'inherit', env: { ...runtimeEnvironment(), WRITE_DOCS: 'on' } },
);
process.exit(status ?? 1);
