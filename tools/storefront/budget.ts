/** What the first page costs to load, from the built files. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Bytes of JavaScript, gzipped. */
const most = 100_000;

/** @param folder of the built storefront @throws Error where it is more than the budget */
export const checkBudget = (folder: string): number => {
  const page = readFileSync(path.join(folder, 'index.html'), 'utf8');
  const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, file = '']) => file);
  if (scripts.length === 0) throw new Error('the page has no script');
  const bytes = scripts.reduce(
    (sum, file) => sum + gzipSync(readFileSync(path.join(folder, file))).length,
    0,
  );
  if (bytes > most) throw new Error(`the first load is ${bytes} bytes of JavaScript; ${most} is the limit`);
  return bytes;
};
