import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { escape } from './svg';
import { marks } from './words';

interface Entry {
  readonly name: string;
  readonly title: string;
  readonly held: number;
  readonly failed: number;
  readonly isVoid: number;
}

/**
 * Writes README.md and index.html, which lead to every report in the folder, whichever run wrote it: the first of `order`
 * first.
 */
export async function writeIndex(folder: string, order: readonly string[]): Promise<void> {
  const names = new Set(await readdir(folder));
  const entries: Entry[] = [];
  for (const name of order)
    if (names.has(`${name}.md`))
      entries.push(readEntry(name, await readFile(join(folder, `${name}.md`), 'utf8')));
  await writeFile(join(folder, 'README.md'), asMarkdown(entries));
  await writeFile(join(folder, 'index.html'), asHtml(entries));
}

function readEntry(name: string, markdown: string): Entry {
  const count = (mark: string) => markdown.split(`| ${mark}`).length - 1;
  return {
    name,
    title: /^# (.*)$/m.exec(markdown)?.[1] ?? name,
    held: count(marks.holds),
    failed: count(marks.fails),
    isVoid: count(marks.void),
  };
}

const heading = 'Reports of experiments';
const explanation =
  'What held, what did not, and what was timed but is void because the load generator was late. Each report says under which conditions it was made.';

const asMarkdown = (entries: readonly Entry[]): string => `# ${heading}

${explanation}

| experiment | held | did not | void | |
| --- | --- | --- | --- | --- |
${entries.map(({ name, title, held, failed, isVoid }) => `| [${title}](${name}.md) | ${held} | ${failed} | ${isVoid} | [as a page](${name}.html) |`).join('\n')}
`;

const asHtml = (entries: readonly Entry[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${heading} · Bulkhead</title>
<style>
  :root { color: #22303c; background: #f5f6f8; font: 16px/1.55 system-ui, -apple-system, 'Segoe UI', sans-serif; }
  main { max-width: 1010px; margin: 32px auto; background: #fff; padding: 36px 48px 40px; border-radius: 14px; box-shadow: 0 1px 4px #0001; }
  h1 { font-size: 30px; line-height: 1.2; margin: 0 0 4px; }
  p { max-width: 46em; }
  section { border-top: 1px solid #e3e6ea; padding: 18px 0; }
  h2 { font-size: 20px; margin: 0 0 4px; } a { color: #2456a6; }
  .counts { color: #6b7885; margin: 0 0 8px; } .counts b { color: #8f1f18; }
  img { width: 100%; height: auto; }
</style>
<main>
<h1>${heading}</h1>
<p>${explanation}</p>
${entries.map(section).join('\n')}
</main>
</html>
`;

const section = ({ name, title, held, failed, isVoid }: Entry): string => `<section>
<h2><a href="${name}.html">${escape(title)}</a></h2>
<p class="counts">${held} held${failed > 0 ? `, <b>${failed} did not</b>` : ''}${isVoid > 0 ? `, ${isVoid} void` : ''}</p>
<a href="${name}.html"><img src="${name}.svg" alt="${escape(title)}: requests and latencies over time" loading="lazy"></a>
</section>`;
