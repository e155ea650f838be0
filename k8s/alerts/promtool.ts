import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

const onPath = () =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'promtool'))
    .filter((file) => existsSync(file));

const run = (program: string, args: readonly string[]) =>
  spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });

/** The first promtool of each major version on the PATH. */
const programs = (() => {
  let found: string[] | undefined;
  return () =>
    (found ??= [
      ...new Map(
        onPath()
          .reverse()
          .map((program) => {
            const { stdout, stderr } = run(program, ['--version']);
            return [/version v?(\d+)/.exec(`${stdout}${stderr}`)?.[1], program] as const;
          }),
      ).values(),
    ]);
})();

/**
 * What promtool says; where there are several major versions, what the first says that objects. Where it is missing it is
 * installed from Debian, as root; elsewhere the error says what to do.
 */
export function promtool(...args: string[]): string {
  if (onPath().length === 0 && process.getuid?.() === 0) {
    for (const step of [
      ['update', '-qq'],
      ['install', '-y', '-qq', '--no-install-recommends', 'prometheus'],
    ])
      spawnSync('apt-get', step, {
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
      });
  }
  if (onPath().length === 0) throw new Error('promtool is needed on the PATH: it comes with Prometheus');
  const said = programs().map((program) => {
    const { status, stdout, stderr } = run(program, args);
    return { status, text: `exit ${status}\n${stdout}${stderr}` };
  });
  return (said.find(({ status }) => status !== 0) ?? said[0]!).text;
}
