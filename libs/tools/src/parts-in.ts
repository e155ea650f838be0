import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Parts } from './missing-parts';

/** @param root folder of a workspace @returns its files as they lie there */
export const partsIn = (root: string): Parts => ({
  read: (file) =>
    lstatSync(path.join(root, file), { throwIfNoEntry: false })?.isFile()
      ? readFileSync(path.join(root, file), 'utf8')
      : undefined,
  list: (folder) =>
    existsSync(path.join(root, folder))
      ? readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true }).map((entry) =>
          path.relative(root, path.join(entry.parentPath, entry.name)),
        )
      : [],
});
