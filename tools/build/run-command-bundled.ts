/** Runs a command of the workspace as it is deployed: as one file. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureInstalled, root } from '../bootstrap/install.mjs';

/**
 * Ends this process with the exit code of the command.
 * @param entry path of its first .ts file, from the root of the workspace
 * @param options its words, those of this process unless given; and variables for it, where this process has no others
 */
export const runCommandBundled = async (
  entry: string,
  {
    words = process.argv.slice(2),
    environment = {},
  }: { readonly words?: readonly string[]; readonly environment?: Record<string, string> } = {},
): Promise<void> => {
  ensureInstalled();
  const { build } = await import('esbuild');
  const folder = mkdtempSync(path.join(tmpdir(), 'bulkhead-command-'));
  try {
    const outfile = path.join(folder, 'main.cjs');
    await build({
      entryPoints: [path.join(root, entry)],
      tsconfig: path.join(root, 'tsconfig.json'),
      outfile,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['pg-native'],
      logLevel: 'error',
    });
    const quiet = ['--require', path.join(import.meta.dirname, '../bootstrap/end-with-reader.cjs')];
    const { status } = spawnSync(process.execPath, [...quiet, outfile, ...words], {
      stdio: 'inherit',
      env: { ...environment, ...process.env },
    });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
