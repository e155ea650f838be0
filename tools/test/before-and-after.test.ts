import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');
const page = readFileSync(path.join(root, 'docs/before-and-after.md'), 'utf8');

interface Excerpt {
  readonly file: string;
  readonly code: string;
}
const excerpts = (introduction: RegExp): Excerpt[] =>
  [
    ...page.matchAll(
      new RegExp(`^${introduction.source}:\\n\\n<!-- prettier-ignore -->\\n\`\`\`ts\\n(.*?)\\n\`\`\``, 'gms'),
    ),
  ].map(([, file, code]) => ({ file: file!, code: code! }));
const before = excerpts(/Before, in `([^`]+)`/);
const now = excerpts(/Now, in \[`([^`]+)`\]\(\.\.\/\1\)/);

/** An excerpt begins at the left margin, wherever it stands in its file. */
const withoutIndent = (code: string) => code.replaceAll(/^ +/gm, '');

test('the page shows five places before and after, in at most 20 lines each', () => {
  expect([before.length, now.length]).toEqual([5, 5]);
  expect(page.match(/^```ts$/gm)).toHaveLength(10);
  const long = [...before, ...now].filter(({ code }) => code.split('\n').length > 20);
  expect(long).toEqual([]);
});

test.each(now)('what the page shows of $file now stands there', ({ file, code }) => {
  const source = readFileSync(path.join(root, file), 'utf8');
  expect(withoutIndent(source)).toContain(withoutIndent(code));
});
