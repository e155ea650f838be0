/**
 * `npm run test:charts [-- arguments of jest]`: what the charts, skaffold.yaml and k8s/ are made of and render to. Needs
 * helm, kubectl and kubeconform on the PATH; no cluster and no network. The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureInstalled, root, runtimeEnvironment } from './install.mjs';

const tools = {
  helm: { ask: ['version'], from: 'https://helm.sh/docs/intro/install' },
  kubectl: { ask: ['version', '--client'], from: 'https://kubernetes.io/docs/tasks/tools' },
  kubeconform: { ask: ['-v'], from: 'https://github.com/yannh/kubeconform' },
};

const missing = Object.keys(tools).filter((tool) => spawnSync(tool, tools[tool].ask).error);
if (missing.length > 0) {
  for (const tool of missing)
    console.error(`${tool} is not on the PATH; the tests of the charts need it: ${tools[tool].from}`);
  process.exit(69);
}

ensureInstalled();
const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-charts-'));
const output = path.join(folder, 'results.json');
try {
  const { status } = spawnSync(
    'jest',
    ['--config', 'charts/jest.config.cjs', '--json', `--outputFile=${output}`, ...process.argv.slice(2)],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: runtimeEnvironment() },
  );
  const results = existsSync(output)
    ? JSON.parse(readFileSync(output, 'utf8'))
    : { numPassedTests: 0, numFailedTests: 0, numFailedTestSuites: 1 };
  // A file that cannot even be loaded has no test that could fail.
  const broken = results.numFailedTests === 0 ? results.numFailedTestSuites : 0;
  console.log(`${results.numPassedTests} passed, ${results.numFailedTests + broken} failed`);
  process.exitCode = status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
