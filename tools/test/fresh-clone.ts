/** What `git clone` would give of the work tree as it is, for whoever tries commands as the first ones there. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

interface CloneOptions {
  /**
   * `linked`: the packages of this workspace, as hard links where the file system allows that, and without what tools
   * keep among them. Default `none`.
   */
  readonly packages?: 'none' | 'linked';
  /** The database clients that are here already, as to generate them takes a while. */
  readonly clients?: boolean;
}

/** @param folder made; nothing generated or built is in it */
export const makeClone = (
  folder: string,
  { packages = 'none', clients = false }: CloneOptions = {},
): void => {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  for (const file of new Set(listed.split('\0').filter(Boolean))) {
    const from = path.join(root, file);
    const to = path.join(folder, file);
    const kind = lstatSync(from, { throwIfNoEntry: false });
    // Removed, and not yet committed.
    if (!kind) continue;
    mkdirSync(path.dirname(to), { recursive: true });
    if (kind.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else copyFileSync(from, to);
  }
  if (clients) takeClients(folder);
  if (packages === 'linked') linkPackages(folder);
};

/** Gives a folder the packages of this workspace, as `makeClone` does with `linked`. */
export const linkPackages = (folder: string): void => {
  const copy = (how: string) =>
    execFileSync('cp', [how, path.join(root, 'node_modules'), path.join(folder, 'node_modules')], {
      stdio: 'ignore',
    });
  try {
    copy('-al');
  } catch {
    // Another file system, or a `cp` that cannot.
    rmSync(path.join(folder, 'node_modules'), { recursive: true, force: true });
    copy('-a');
  }
  rmSync(path.join(folder, 'node_modules/.cache'), { recursive: true, force: true });
};

/** Gives a clone the database clients that are here already, as to generate them takes a while. */
export function takeClients(clone: string): void {
  for (const project of ['apps', 'libs'].flatMap((kind) =>
    readdirSync(path.join(root, kind)).map((name) => `${kind}/${name}/src/generated`),
  ))
    if (existsSync(path.join(root, project)))
      cpSync(path.join(root, project), path.join(clone, project), { recursive: true });
}
