/** The steps of docs/learn, and the blocks of commands in their pages. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '../../docs/learn');

/** Pages by their number: `1-start-with-the-monolith.md` is step 1, and `tools/learn/1-start-with-the-monolith.mjs` checks it. */
export const steps = readdirSync(folder)
  .filter((file) => /^\d+-.*\.md$/.test(file))
  .map((file) => path.parse(file).name)
  .sort((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10));

export const pageOf = (step) => `docs/learn/${step}.md`;

/** @returns {Promise<{ check: (shop: object, found: (sentence: string) => void) => Promise<void>, isInCluster?: true }>} */
export const checkOf = (step) => import(`./${step}.mjs`);

/**
 * The blocks of a page that a learner types. The word after the language says where: none in the second terminal; `shop` in
 * the first, where it goes on running, and ends what ran there before; `beside` in one more, where it goes on as well.
 * @returns {{ where: string, commands: string }[]}
 */
export const blocksOf = (step) => {
  const page = readFileSync(path.join(folder, `${step}.md`), 'utf8');
  return [...page.matchAll(/^```sh(?: (\w+))?\n([^]*?)^```$/gm)].map(([, where = 'second', commands]) => ({
    where,
    commands,
  }));
};
