import { spawnSync } from 'node:child_process';

/**
 * What `promtool check metrics` finds fault with: names, units, labels, help texts, the format itself.
 * @param text in the Prometheus text format
 * @returns no line when there is nothing to say, or no promtool on the PATH (it comes with Prometheus)
 */
export function lintMetrics(text: string): string[] {
  const ran = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (ran.error && 'code' in ran.error && ran.error.code === 'ENOENT') return [];
  if (ran.error) throw ran.error;
  const lines = `${ran.stdout}${ran.stderr}`.split('\n').filter((line) => line !== '');
  return ran.status === 0 || lines.length > 0 ? lines : [`promtool exited with ${ran.status}`];
}
