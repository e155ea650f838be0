import { spawnSync } from 'node:child_process';
import { lintMetrics } from './lint-metrics';

const hasPromtool = !spawnSync('promtool', ['--version']).error;

test('problems found by promtool are reported, if it is installed', () => {
  expect(lintMetrics('# HELP a_total A.\n# TYPE a_total counter\na_total 1\n')).toEqual([]);
  const found = lintMetrics('# HELP a A.\n# TYPE a counter\na 1\n');
  expect(found).toEqual(hasPromtool ? [expect.stringContaining('"_total" suffix')] : []);
});
