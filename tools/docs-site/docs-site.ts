/**
 * `npm run docs:site`: builds the documentation as a site of static files in dist/docs-site (docs/documentation-site.md).
 * A link or an anchor that leads nowhere makes it fail. With `-- --check` the last line is `N passed, N failed`, a page
 * each; with `-- --browser` the site is looked at in Chromium as well; with `-- --serve` it is served until Ctrl-C.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { buildSite } from './build.mjs';
import { checkLinks } from './links.ts';
import { serveSite } from './serve.ts';
import { root } from '../bootstrap/install.mjs';

const refuse = (sentence: string): never => {
  console.error(sentence);
  process.exit(2);
};

const { DOCS_BASE: base = '/', DOCS_SOURCE_URL: sourceUrl, PORT = '3020' } = process.env;
if (!/^\/([\w.~-]+\/)*$/.test(base)) refuse(`DOCS_BASE must begin and end with /, not be ${base}.`);
if (sourceUrl !== undefined && !/^https?:\/\/\S+\/$/.test(sourceUrl))
  refuse(`DOCS_SOURCE_URL must be an address that ends with /, not ${sourceUrl}.`);
if (!/^\d{1,5}$/.test(PORT)) refuse(`PORT must be a number, not ${PORT}.`);

const has = (option: string): boolean => process.argv.includes(option);
const folder = path.join(root, 'dist/docs-site');
rmSync(folder, { recursive: true, force: true });
const built = await buildSite({ outDir: folder, base, ...(sourceUrl !== undefined && { sourceUrl }) });

const fileOf = new Map(built.pages.map(({ file, place }) => [place.replace(/\.md$/, '.html'), file]));
const { pages, links, broken } = checkLinks({ folder, base });
const faults = [
  ...built.broken.map(({ file, href }) => ({ file, text: `${href} does not exist` })),
  ...broken.map(({ page, href, why }) => ({ file: fileOf.get(page) ?? page, text: `${href} ${why}` })),
];
const sentences = [...new Set(faults.map(({ file, text }) => `${file}: ${text}`))];
for (const sentence of sentences) console.log(sentence);
console.log(`${pages.length} pages, ${links} links, in dist/docs-site`);

let failed = new Set(faults.map(({ file }) => file)).size;
let passed = pages.length - failed;
if (has('--browser')) {
  const { checkInBrowser } = await import('./browser.mjs');
  const steps = await checkInBrowser({ folder, base });
  passed += steps.passed;
  failed += steps.failed;
}
if (has('--check')) console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
if (has('--serve') && failed === 0) {
  const { url } = await serveSite({ folder, base, port: Number(PORT) });
  console.log(`The documentation is at ${url}`);
}
