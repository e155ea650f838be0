/** Runs the workspace's TypeScript from a script: bundled by esbuild on the fly, then required. Installs what is missing. */
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { ensureInstalled, root } from '../bootstrap/install.mjs';
import { moduleUrl } from './module-url.ts';

/**
 * @param source path of a .ts file from the root of the workspace
 * @returns what it exports: `load<typeof Ports>(…)` with `import type * as Ports from '@bulkhead/…'`
 */
export const load = async <Module>(source: string): Promise<Module> => {
  ensureInstalled();
  const { build } = await import('esbuild');
  const name = source.replace(/[^a-z0-9]+/gi, '-');
  // One file a process: two runs at once must not read each other's half-written bundle.
  const outfile = path.join(root, 'node_modules/.cache/bulkhead', `${name}-${process.pid}.cjs`);
  await build({
    entryPoints: [path.join(root, source)],
    tsconfig: path.join(root, 'tsconfig.json'),
    outfile,
    bundle: true,
    platform: 'node',
    packages: 'external',
    ...moduleUrl,
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const require = createRequire(import.meta.url);
  try {
    return require(outfile) as Module;
  } finally {
    await rm(outfile, { force: true });
  }
};
