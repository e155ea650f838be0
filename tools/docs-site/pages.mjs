/** Which files become pages of the site, where they lie in it, and in which order they are read. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';

const skipped = new Set(['node_modules', 'dist', 'generated', 'test-results', 'reports']);

/** Files of the repository below a folder, with `/` between their parts. */
const filesBelow = (folder) =>
  readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.posix.join(folder, entry.name);
    if (entry.isFile()) return [file];
    const isLeftOut = entry.name.startsWith('.') || (skipped.has(entry.name) && !file.startsWith('docs/'));
    return entry.isDirectory() && !isLeftOut ? filesBelow(file) : [];
  });

/** `docs/experiments/README.md` is the page `experiments/index.md`, and `docs/ops.png` is `ops.png`. */
const placeOf = (file) =>
  file
    .replace(/^docs\//, '')
    .replace(/(^|\/)README\.md$/, '$1index.md')
    .replace(/^[A-Z]+\.md$/, (name) => name.toLowerCase());

/** The first heading, without its marks. */
const titleOf = (file, text) => {
  const heading = /^# (.+)$/m.exec(text)?.[1];
  if (!heading) throw new Error(`${file} has no heading of the first level, from which its title is made`);
  return heading.replaceAll(/[`*]|\[([^\]]*)\]\([^)]*\)/g, '$1');
};

/** Folders of pages that no README introduces: their page lists them. */
const lists = { 'docs/decisions': 'Decisions', 'docs/runbooks': 'Runbooks' };

const listOf = (folder, title, pages) => {
  const items = pages
    .filter(({ file }) => path.posix.dirname(file) === folder)
    .map((page) => `- [${page.title}](${path.posix.basename(page.file)})`);
  return `# ${title}\n\n${items.join('\n')}\n`;
};

/** Documents that pages refer to and that the reader of the API reference opens. */
const documents = {
  'libs/contracts/openapi.snapshot.json': 'openapi.json',
  'libs/contracts/asyncapi.snapshot.json': 'asyncapi.json',
};

/**
 * @typedef {{ file: string, place: string, title: string, text: string }} Page a file of the repository, where it lies in
 *   the site, the title and the text of it
 * @returns {{ pages: Page[], assets: Record<string, string> }} pages, and where other files lie in the site
 * @throws Error where two files would be the same page, or one has no title
 */
export function readPages() {
  const files = filesBelow('.');
  const pages = files
    .filter((file) => file.endsWith('.md'))
    .map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      return { file, place: placeOf(file), title: titleOf(file, text), text };
    });
  for (const [folder, title] of Object.entries(lists))
    pages.push({
      file: folder,
      place: placeOf(`${folder}/README.md`),
      title,
      text: listOf(folder, title, pages),
    });
  const places = pages.map(({ place }) => place);
  const twice = places.find((place, index) => places.indexOf(place) !== index);
  if (twice) throw new Error(`Two files would be the page ${twice}`);
  const shown = files.filter((file) => file.startsWith('docs/') && !file.endsWith('.md'));
  return {
    pages,
    assets: { ...Object.fromEntries(shown.map((file) => [file, placeOf(file)])), ...documents },
  };
}

const folder = (text, pattern) => ({ text, pattern });
/** What is about this repository itself, and is not copied into a shop that create-bulkhead makes. */
const ofThisRepository = (own) => ({ own });

/** In the order of a reader: files, folded lists of files, and pages that are made otherwise. */
const chapters = {
  Start: [
    { text: 'Overview', file: 'README.md' },
    'docs/story.md',
    'docs/storefront.md',
    folder('The guided path', /^docs\/learn\//),
    'docs/commands.md',
    'docs/create.md',
    'docs/adding-a-service.md',
    'docs/glossary.md',
    'CONTRIBUTING.md',
  ],
  Run: [
    'docs/kubernetes.md',
    'docs/outside-servers.md',
    'docs/payments.md',
    'docs/capacity.md',
    'docs/what-this-was-run-on.md',
    folder('Charts', /^charts\//),
  ],
  Understand: [
    'docs/place-order.md',
    'docs/invariants.md',
    'docs/experiments/README.md',
    folder('Reports of experiments', /^docs\/experiments\/reports\//),
    folder('Libraries', /^libs\//),
    folder('Apps', /^apps\//),
    'docs/packages.md',
    ofThisRepository('docs/before-and-after.md'),
    'docs/cluster-tests.md',
    'docs/nodes/scale-out.md',
    'docs/api-tests.md',
    'tools/README.md',
    'load/README.md',
    folder('Benchmarks', /^bench\//),
    'findings/README.md',
  ],
  Operate: [
    'docs/operating.md',
    folder('Runbooks', /^docs\/runbooks/),
    'docs/dashboards/README.md',
    'docs/backup.md',
    'docs/restore.md',
    'docs/rotation.md',
    'SECURITY.md',
  ],
  Decide: [folder('Decisions', /^docs\/decisions/)],
  Reference: [
    { text: 'API, to try', link: '/reference/', target: '_self' },
    'docs/api.md',
    'docs/clients.md',
    'docs/events.md',
    'docs/metrics.md',
    'docs/versioning.md',
    'docs/api-changelog.md',
    ofThisRepository('CHANGELOG.md'),
    'docs/documentation-site.md',
  ],
};

const linkOf = ({ place }) => `/${place.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '.html')}`;

/**
 * @param {Page[]} pages
 * @returns {{ text: string, items: object[] }[]} the chapters as VitePress takes a sidebar
 * @throws Error where a chapter names a file that is no page, or a page is in no chapter
 */
export function chaptersOf(pages) {
  const left = new Map(pages.map((page) => [page.file, page]));
  const take = (file) => {
    const page = left.get(file);
    if (!page)
      throw new Error(`${file} is in the navigation (tools/docs-site/pages.mjs) twice, or is no page`);
    left.delete(file);
    return { text: page.title, link: linkOf(page) };
  };
  const itemOf = (entry) => {
    if (typeof entry === 'string') return take(entry);
    if (entry.own) return left.has(entry.own) ? take(entry.own) : [];
    if (entry.file) return { ...take(entry.file), text: entry.text };
    if (!entry.pattern) return entry;
    const files = [...left.keys()].filter((file) => entry.pattern.test(file));
    // The page that introduces a folder comes first.
    const depth = (file) => file.split('/').length - (file.endsWith('/README.md') ? 0.5 : 0);
    files.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1));
    return { text: entry.text, collapsed: true, items: files.map(take) };
  };
  const sidebar = Object.entries(chapters).map(([text, entries]) => ({
    text,
    items: entries.flatMap(itemOf),
  }));
  if (left.size > 0)
    throw new Error(`In no chapter of tools/docs-site/pages.mjs: ${[...left.keys()].join(', ')}`);
  return sidebar;
}
