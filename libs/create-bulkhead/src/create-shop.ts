import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Choices } from './choices';
import { readmeOf } from './readme';
import { renameWorkspace } from './rename';
import { copyTemplate, type Template } from './template';

/** A command to run in the new workspace, as its words. */
type Command = readonly [program: string, ...words: string[]];

/** npm's programs are scripts on Windows, which only a shell can start. */
const isWindows = process.platform === 'win32';

/**
 * Writes the workspace with all services, under its own name and scope. Installs and runs nothing.
 * @param version of the release it is made from
 * @returns paths of files in which the scope was replaced, which may no longer be formatted
 */
export function writeWorkspace(
  { folder, name, scope }: Choices,
  template: Template,
  version: string,
): string[] {
  copyTemplate(template, folder);
  const readme = path.join(folder, 'README.md');
  const original = readFileSync(readme, 'utf8');
  const renamed = renameWorkspace(folder, { name, scope, version });
  writeFileSync(readme, readmeOf(name, scope, original));
  return renamed;
}

/** The commands to run after `writeWorkspace`, in this order, once packages are installed. */
export const commandsAfterInstall = (
  { folder, scope, leftOut }: Choices,
  renamed: readonly string[] = ['.'],
): Command[] => [
  ...chunksOf(renamed, 150).map((files): Command => ['npm', 'run', '--silent', 'format', '--', ...files]),
  // Only existing ones: the template may be a shop that has already left one out.
  ...[leftOut.filter((service) => existsSync(path.join(folder, 'apps', service)))]
    .filter((present) => present.length > 0)
    .map((present): Command => [
      'npx',
      'nx',
      'g',
      `${scope}/tools:remove`,
      present.join(','),
      '--no-interactive',
    ]),
];

/** Command lines are limited in length on Windows. */
const chunksOf = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );

/**
 * Runs a command in the workspace.
 * @throws Error with a sentence, and the end of the command's output
 */
export function runIn(folder: string, [program, ...words]: Command): void {
  const { status, stdout, stderr, error } = spawnSync(program, words, {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    shell: isWindows,
    env: { ...process.env, NX_DAEMON: 'false' },
  });
  if (status === 0) return;
  const output = error?.message ?? `${stdout}${stderr}`.trim().slice(-4_000);
  throw new Error(`${[program, ...words].join(' ').slice(0, 200)} failed in ${folder}:\n${output}`);
}

/**
 * Makes the folder a repository with one commit.
 * @returns whether there is a commit: git refuses to commit without a configured author
 */
export function initialiseGit(folder: string, version: string): boolean {
  runIn(folder, ['git', 'init', '--quiet']);
  runIn(folder, ['git', 'add', '--all']);
  try {
    runIn(folder, ['git', 'commit', '--quiet', '--message', `A shop, made by create-bulkhead ${version}`]);
    return true;
  } catch {
    return false;
  }
}
