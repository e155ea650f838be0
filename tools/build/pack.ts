/**
 * Makes packages of libraries: `node tools/build/pack.ts libs/NAME …` writes each to dist/libs/NAME as `npm pack` takes it,
 * with package.json, README.md, JavaScript and types. What is for tests only stays out.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import type * as Template from '../../libs/create-bulkhead/src/template';
import { root } from '../bootstrap/install.mjs';

const projects = process.argv.slice(2);
if (projects.length === 0) throw new Error('usage: pack.ts PROJECT_ROOT…');

const isShipped = (file: string): boolean =>
  file.endsWith('.ts') && !/\.test\.ts$|\b(testing|conformance|generated)\//.test(file);

const filesOf = (project: string): string[] =>
  readdirSync(path.join(root, project, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => path.join(root, project, 'src', file))
    .filter(isShipped);

const outdir = path.join(root, 'dist');
/** It carries the workspace, as it is. */
const starter = 'libs/create-bulkhead';
for (const project of projects) {
  const target = path.join(outdir, project);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const entry of ['package.json', 'README.md', 'sql'])
    if (existsSync(path.join(root, project, entry)))
      cpSync(path.join(root, project, entry), path.join(target, entry), { recursive: true });
  cpSync(path.join(root, 'LICENSE'), path.join(target, 'LICENSE'));
}

const files = projects.flatMap(filesOf);
// File by file: what the libraries import of one another stays an import of another package.
await build({
  entryPoints: files,
  outdir,
  outbase: root,
  bundle: false,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  logLevel: 'warning',
});

const { config } = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
  config: { compilerOptions: object };
};
const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
delete options.tsBuildInfoFile;
const program = ts.createProgram(files, {
  ...options,
  types: ['node'],
  noEmit: false,
  incremental: false,
  declaration: true,
  emitDeclarationOnly: true,
  // Types are checked by `npm run types`.
  noCheck: true,
  rootDir: root,
  outDir: outdir,
});
for (const file of files) {
  const { diagnostics } = program.emit(program.getSourceFile(file), undefined, undefined, true);
  if (diagnostics.length > 0)
    throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options)));
}
if (projects.includes(starter)) {
  const { writeArchive } = createRequire(import.meta.url)(
    path.join(outdir, starter, 'src/template.js'),
  ) as typeof Template;
  writeArchive(root, path.join(outdir, starter, 'template.tar.gz'));
}
