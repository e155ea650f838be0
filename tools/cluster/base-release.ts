/** The release that an upgrade starts from: the newest tag, or until there is one, what this tree grew out of. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

/** What ends up in images and charts: a commit that changed none of it is no other release. */
const shipped = ['apps', 'libs', 'charts', 'Dockerfile', 'package-lock.json'];

const git = (...words: string[]): string => {
  const { status, stdout } = spawnSync('git', words, { cwd: root, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
};

const isDifferent = (commit: string): boolean =>
  spawnSync('git', ['diff', '--quiet', commit, '--', ...shipped, ':!charts/tests'], { cwd: root }).status ===
  1;

/**
 * The newest `v*` tag that ships something else than this tree; without one the merge base with main; and on main itself
 * the newest commit before it that shipped something else.
 * @throws Error with a sentence where the history has none, as in a shallow clone
 */
export function findBase(): { commit: string; name: string } {
  const tags = git('tag', '--list', 'v*', '--sort=-version:refname').split('\n').filter(Boolean);
  const branches = ['origin/main', 'main'].map((branch) => git('merge-base', 'HEAD', branch)).filter(Boolean);
  const commits = git('log', '--first-parent', '--format=%H', '-n', '100', '--', ...shipped)
    .split('\n')
    .filter(Boolean);
  for (const name of [...tags, ...branches, ...commits])
    if (isDifferent(name)) return { commit: git('rev-parse', `${name}^{commit}`), name };
  throw new Error('There is no older release to upgrade from; fetch the tags, or more of the history.');
}

/**
 * Checks the commit out in a folder of its own, with this tree's packages where its lockfile is the same; other packages
 * its own scripts install. @returns the folder
 */
export function checkOut(commit: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-base-'));
  const { status, stderr } = spawnSync('git', ['worktree', 'add', '--detach', '--force', folder, commit], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`git worktree: ${stderr}`);
  const lockfile = (where: string) => readFileSync(path.join(where, 'package-lock.json'), 'utf8');
  if (lockfile(folder) === lockfile(root))
    symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  git('worktree', 'prune');
}
