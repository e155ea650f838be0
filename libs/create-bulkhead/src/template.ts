import { execFileSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import path from 'node:path';

/** Source of the files: the archive in the package, or the work tree of a clone. */
export type Template = { readonly archive: string } | { readonly checkout: string };

/** Files about this repository itself, and not about a shop made from it. */
const isOwn = (file: string) =>
  /^(\.ci\/|CHANGELOG\.md$|docs\/before-and-after\.md$|tools\/test\/before-and-after\.test\.ts$)/.test(file);

/** @returns paths of a new workspace's files, as they are in the work tree, committed or not */
export const filesOf = (checkout: string): string[] =>
  [
    ...new Set(
      execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
        cwd: checkout,
        encoding: 'utf8',
        maxBuffer: 2 ** 26,
      }).split('\0'),
    ),
  ]
    .filter((file) => file !== '' && !isOwn(file))
    // Deleted, but not committed.
    .filter((file) => lstatSync(path.join(checkout, file), { throwIfNoEntry: false }));

/** Writes the archive in the package: npm would omit .gitignore and links from a folder. */
export const writeArchive = (checkout: string, archive: string): void => {
  execFileSync('tar', ['-czf', archive, '-C', checkout, '--null', '-T', '-'], {
    input: filesOf(checkout).join('\0'),
  });
};

/** @param folder created if missing */
export function copyTemplate(template: Template, folder: string): void {
  mkdirSync(folder, { recursive: true });
  if ('archive' in template) {
    execFileSync('tar', ['-xzf', template.archive, '-C', folder]);
    return;
  }
  for (const file of filesOf(template.checkout)) {
    const from = path.join(template.checkout, file);
    const to = path.join(folder, file);
    mkdirSync(path.dirname(to), { recursive: true });
    if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else copyFileSync(from, to);
  }
}
