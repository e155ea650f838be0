/** What VitePress is told. It loads this in a module graph of its own: what comes in and goes out are files. */
import { writeFileSync } from 'node:fs';
import { createMarkdown, slugOf } from './markdown.mjs';

/** The first page of a chapter, also where that lies in a folded list. */
const firstLink = ([{ link, items }]) => link ?? firstLink(items);

/** @param {object} plan of build.mjs */
export function createConfig(plan) {
  const broken = [];
  const chapters = plan.sidebar.filter(({ text }) => text !== 'Reference');
  return {
    lang: 'en',
    title: 'Bulkhead',
    description: 'A shop backend whose services run, deploy and break independently.',
    base: plan.base,
    head: [['link', { rel: 'icon', href: `${plan.base}icon.svg` }]],
    outDir: plan.outDir,
    cacheDir: plan.cacheDir,
    // Every link and anchor is looked up in what was built (links.ts), those of this generator too.
    ignoreDeadLinks: true,
    metaChunk: true,
    // The largest are the search's index and the pages of the reference, each fetched by whoever opens it.
    vite: { build: { chunkSizeWarningLimit: 5000 } },
    markdown: {
      config: createMarkdown(plan, broken).extend,
      anchor: { slugify: slugOf },
      // What a code host does not know either.
      ...{ attrs: false, emoji: false, snippet: false, include: false },
    },
    themeConfig: {
      nav: [
        ...chapters.map(({ text, items }) => ({ text, link: firstLink(items) })),
        { text: 'API', link: '/reference/', target: '_self' },
      ],
      sidebar: plan.sidebar,
      outline: [2, 3],
      search: { provider: 'local' },
    },
    buildEnd: () => writeFileSync(plan.brokenFile, JSON.stringify(broken)),
  };
}
