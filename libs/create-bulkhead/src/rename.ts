import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Gives the workspace its scope and name: packages, imports, tsconfig paths and what quotes them, in text files.
 *
 * Everything else keeps the name Bulkhead: the umbrella chart and its names on a cluster, images, the folder .bulkhead,
 * and `Bulkhead is up at …`, for which programs wait. Those are contracts between parts of the workspace, and values
 * that an operator sets; customers see none of them.
 * @param folder of the workspace, without node_modules
 * @returns paths of changed files, relative to the folder
 */
export function renameWorkspace(
  folder: string,
  { name, scope, version }: { name: string; scope: string; version: string },
): string[] {
  const renamed = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => replaceIn(path.join(folder, file), (text) => text.replaceAll(/@bulkhead\b/g, scope)));
  const brand = JSON.stringify(titleOf(name)).slice(1, -1);
  for (const file of ['index.html', 'src/ui/header.tsx', 'src/ui/page.tsx'])
    replaceIn(path.join(folder, 'apps/storefront', file), (text) => text.replaceAll('Bulkhead', brand));
  editJson(path.join(folder, 'package.json'), (manifest) => {
    manifest['name'] = name;
    manifest['description'] = 'A shop backend that began as one process.';
    // The release it was made from: what to compare with when upgrading to a newer one.
    manifest['bulkhead'] = version;
  });
  editJson(path.join(folder, 'package-lock.json'), (lock) => {
    lock['name'] = name;
    (lock['packages'] as Record<string, Record<string, unknown>>)['']!['name'] = name;
  });
  return [...new Set([...renamed, 'package.json'])].filter((file) => file !== 'package-lock.json');
}

/** @param name such as `my-shop` @returns its display form: `My shop` */
export const titleOf = (name: string): string => {
  const words = name.replaceAll('-', ' ');
  return words[0]!.toUpperCase() + words.slice(1);
};

/** Whether the file was changed. Binary files are left alone. */
function replaceIn(file: string, change: (text: string) => string): boolean {
  const content = readFileSync(file);
  if (content.includes(0)) return false;
  const text = content.toString();
  const changed = change(text);
  if (changed === text) return false;
  writeFileSync(file, changed);
  return true;
}

function editJson(file: string, edit: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  edit(json);
  writeFileSync(file, `${JSON.stringify(json, undefined, 2)}\n`);
}
