/** Looks up every link of a built site in what was built. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const unescape = (value: string): string =>
  value
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** @param attribute whose only group is its value */
const valuesOf = (html: string, attribute: RegExp): string[] =>
  [...html.matchAll(attribute)].map(([, value = '']) => unescape(value));

/** Scripts and comments of a page are no part of what is read. */
const readHtml = (file: string): string =>
  readFileSync(file, 'utf8').replaceAll(
    /<script\b([^>]*)>[^]*?<\/script>|<!--[^]*?-->/g,
    (_, attributes: string | undefined) => (attributes === undefined ? '' : `<script${attributes}>`),
  );

/** @returns the HTML files of a folder and those below it, with `/` between their parts */
const htmlFilesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => file.endsWith('.html'))
    .sort();

interface CheckedLinks {
  readonly pages: string[];
  readonly links: number;
  readonly broken: { readonly page: string; readonly href: string; readonly why: string }[];
}

/**
 * Links to other sites are not looked up: whether those respond is no property of these pages.
 * @param site the folder of it, and the path that it is served at
 */
export function checkLinks({
  folder,
  base,
}: {
  readonly folder: string;
  readonly base: string;
}): CheckedLinks {
  const pages = htmlFilesOf(folder);
  const anchors = new Map<string, Set<string>>();
  /** What can be jumped to in a page. */
  const anchorsOf = (file: string): Set<string> => {
    const known = anchors.get(file);
    if (known) return known;
    const found = new Set(valuesOf(readHtml(path.join(folder, file)), / (?:id|name)="([^"]*)"/g));
    anchors.set(file, found);
    return found;
  };
  const whyBroken = (href: string, page: string): string | undefined => {
    const { origin, pathname, hash } = new URL(href, `http://site${base}${page}`);
    if (origin !== 'http://site') return undefined;
    if (!pathname.startsWith(base)) return `lies outside ${base}`;
    const file = decodeURIComponent(pathname.slice(base.length)).replace(/(^|\/)$/, '$1index.html');
    if (!existsSync(path.join(folder, file))) return 'does not exist';
    const anchor = decodeURIComponent(hash.slice(1));
    // The reader of the API reference makes its own.
    if (anchor === '' || !file.endsWith('.html') || file.startsWith('reference/')) return undefined;
    return anchorsOf(file).has(anchor) ? undefined : `has no anchor ${hash}`;
  };
  let links = 0;
  const broken: CheckedLinks['broken'] = [];
  for (const page of pages) {
    const hrefs = new Set(valuesOf(readHtml(path.join(folder, page)), / (?:href|src)="([^"]*)"/g));
    for (const href of hrefs) {
      if (/^(?!https?:)[a-z][a-z\d+.-]*:/i.test(href)) continue;
      links += 1;
      const why = whyBroken(href, page);
      if (why) broken.push({ page, href, why });
    }
  }
  return { pages, links, broken };
}
