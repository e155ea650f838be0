import { spawnSync } from 'node:child_process';

/** What promtool says. Where it is missing it is installed from Debian, as root; elsewhere the error says what to do. */
export function promtool(...args: string[]): string {
  const run = () => spawnSync('promtool', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  let ran = run();
  if (ran.error && process.getuid?.() === 0) {
    for (const step of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', 'prometheus'],
    ])
      spawnSync('apt-get', step, {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      });
    ran = run();
  }
  if (ran.error) throw new Error(`promtool cannot be run (it comes with Prometheus): ${ran.error.message}`);
  return `exit ${ran.status}\n${ran.stdout}${ran.stderr}`;
}
