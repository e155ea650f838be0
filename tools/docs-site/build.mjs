/** Builds the site: pages are staged where the generator and its packages are found, and left nowhere else. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../bootstrap/install.mjs';
import { ensurePackagesApart } from '../test/packages-apart.ts';
import { chaptersOf, readPages } from './pages.mjs';

const here = import.meta.dirname;
const signals = ['SIGINT', 'SIGTERM'];

const write = (file, text) => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
};

/** The page of the API reference: a reader that is served with it, and asks nobody else for anything. */
function addReference(folder, packages) {
  cpSync(path.join(here, 'reference'), folder, { recursive: true });
  cpSync(path.join(packages, 'api-reference/dist/browser/standalone.js'), path.join(folder, 'reader.js'));
}

/** As JSON in a module, since the generator loads its configuration by itself. */
const configModule = (plan) =>
  `import { createConfig } from ${JSON.stringify(path.join(here, 'config.mjs'))};\n` +
  `export default createConfig(${JSON.stringify(plan)});\n`;

/**
 * @param {{ outDir: string, base: string, sourceUrl?: string }} options `base`: the path that the site is served at, which
 *   begins and ends with `/`; `sourceUrl`: where files that are no pages can be seen
 * @returns {Promise<{ pages: import('./pages.mjs').Page[], broken: { file: string, href: string }[] }>} the pages, and
 *   links in them to what the repository does not have
 */
export async function buildSite({ outDir, base, sourceUrl }) {
  const { pages, assets } = readPages();
  const sidebar = chaptersOf(pages);
  const packages = ensurePackagesApart({
    source: here,
    what: 'the generator of the site, and the reader of the API reference',
  });
  mkdirSync(path.join(root, 'dist'), { recursive: true });
  const stage = mkdtempSync(path.join(root, 'dist/docs-site-'));
  const removeStage = () => rmSync(stage, { recursive: true, force: true });
  const giveUp = () => {
    removeStage();
    process.exit(1);
  };
  for (const signal of signals) process.on(signal, giveUp);
  try {
    symlinkSync(path.join(packages, 'node_modules'), path.join(stage, 'node_modules'), 'junction');
    for (const { place, text } of pages) write(path.join(stage, place), text);
    for (const [file, place] of Object.entries(assets))
      cpSync(path.join(root, file), path.join(stage, 'public', place), { recursive: true });
    cpSync(path.join(root, 'apps/storefront/public/icon.svg'), path.join(stage, 'public/icon.svg'));
    addReference(path.join(stage, 'public/reference'), packages);
    cpSync(
      path.join(packages, 'node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js'),
      path.join(stage, 'public/mermaid.js'),
    );
    cpSync(path.join(here, 'theme'), path.join(stage, '.vitepress/theme'), { recursive: true });
    const brokenFile = path.join(stage, 'broken.json');
    const plan = {
      ...{ root, base, sourceUrl, outDir, brokenFile, sidebar, assets },
      cacheDir: path.join(stage, 'cache'),
      places: Object.fromEntries(pages.map(({ file, place }) => [file, place])),
    };
    write(path.join(stage, '.vitepress/config.mjs'), configModule(plan));
    const { build } = await import(
      pathToFileURL(path.join(packages, 'node_modules/vitepress/dist/node/index.js')).href
    );
    await build(stage);
    return { pages, broken: existsSync(brokenFile) ? JSON.parse(readFileSync(brokenFile, 'utf8')) : [] };
  } finally {
    for (const signal of signals) process.off(signal, giveUp);
    removeStage();
  }
}
