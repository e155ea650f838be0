import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

interface Page {
  readonly file: string;
  readonly place: string;
  readonly title: string;
  readonly text: string;
}
const { checkLinks } = jest.requireActual<{
  checkLinks: (site: { folder: string; base: string }) => {
    pages: string[];
    links: number;
    broken: { page: string; href: string; why: string }[];
  };
}>('./links.ts');
const { chaptersOf, readPages } = jest.requireActual<{
  chaptersOf: (pages: Page[]) => { text: string }[];
  readPages: () => { pages: Page[] };
}>('./pages.mjs');
const { slugOf } = jest.requireActual<{ slugOf: (heading: string) => string }>('./markdown.mjs');

describe('links of a built site', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-site-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const build = (files: Record<string, string>) => {
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
  };

  it('are found where they lead somewhere, below the base and with their anchors', () => {
    build({
      'index.html':
        '<a href="/docs/guide.html#first-steps">a</a> <img src="/docs/a%20b.png"> <a href="deep/">b</a>' +
        '<a href="https://example.com/nowhere">c</a> <a href="mailto:a@example.com">d</a>',
      'guide.html':
        '<h2 id="first-steps">First steps</h2><a href="#first-steps">#</a><a href="/docs/">up</a>',
      'deep/index.html': '<a href="../guide.html">a</a>',
      'a b.png': '',
    });
    expect(checkLinks({ folder, base: '/docs/' })).toMatchObject({ broken: [], pages: { length: 3 } });
  });

  it.each([
    ['a page that is not there', '/docs/gone.html', 'does not exist'],
    ['a picture that is not there', '/docs/gone.png', 'does not exist'],
    ['a folder without a page', '/docs/empty/', 'does not exist'],
    ['an anchor that is not there', '/docs/#gone', 'has no anchor #gone'],
    ['a page outside the base', '/guide.html', 'lies outside /docs/'],
  ])('are reported where they lead nowhere: %s', (_what, href, why) => {
    build({ 'index.html': `<a href="${href}">a</a>`, 'guide.html': '', 'empty/x.txt': '' });
    expect(checkLinks({ folder, base: '/docs/' }).broken).toEqual([{ page: 'index.html', href, why }]);
  });
});

describe('pages', () => {
  const { pages } = readPages();

  it('of the whole repository are each in a chapter', () => {
    expect(chaptersOf(pages).map(({ text }) => text)).toContain('Operate');
  });

  it('that are about this repository itself may be missing, as they are in a shop that was made of it', () => {
    const own = ['CHANGELOG.md', 'docs/before-and-after.md'];
    expect(() => chaptersOf(pages.filter(({ file }) => !own.includes(file)))).not.toThrow();
  });

  it('that nobody finds a way to are refused', () => {
    const lost = { file: 'docs/lost.md', place: 'lost.md', title: 'Lost', text: '# Lost' };
    expect(() => chaptersOf([...pages, lost])).toThrow(
      'In no chapter of tools/docs-site/pages.mjs: docs/lost.md',
    );
  });
});

it('screenshots of the storefront are each shown with an alternative text, light and dark, and all of them exist', () => {
  const { text = '' } = readPages().pages.find(({ file }) => file === 'docs/storefront.md') ?? {};
  const shown = [...text.matchAll(/!\[([^\]]+)\]\(storefront\/([^)]+)\)/g)];
  const alternatives = shown.map(([, alternative]) => alternative);
  const pictures = shown.map(([, , picture]) => picture ?? '').toSorted();
  const names = [...new Set(pictures.map((picture) => picture.replace(/-(dark|light)\.png$/, '')))];
  expect(pictures).toEqual(readdirSync(path.resolve(__dirname, '../../docs/storefront')).toSorted());
  expect(pictures).toEqual(names.flatMap((name) => [`${name}-dark.png`, `${name}-light.png`]).toSorted());
  expect(new Set(alternatives).size).toBe(alternatives.length);
});

// Of github.com: what is no letter, digit, hyphen or underscore goes, and each space becomes a hyphen.
it.each([
  ['What to compare, afterwards', 'what-to-compare-afterwards'],
  ['`npm run load`: open & closed', 'npm-run-load-open--closed'],
  ['POST /api/v1/orders/{orderId}', 'post-apiv1ordersorderid'],
  ['snake_case — Straße', 'snake_case--straße'],
])('the anchor of %s is %s, as on a code host', (heading, anchor) => {
  expect(slugOf(heading)).toBe(anchor);
});
