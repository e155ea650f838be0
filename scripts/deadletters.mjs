/** `npm run deadletters -- list|show|redrive|drop`: bundles the command as the apps are bundled, and runs it. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';
import { root } from './install.mjs';

const folder = await mkdtemp(path.join(os.tmpdir(), 'bulkhead-deadletters-'));
try {
  const outfile = path.join(folder, 'deadletters.cjs');
  await build({
    entryPoints: [path.join(root, 'libs/messaging/src/dead-letters-cli.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['pg-native'],
    logLevel: 'error',
  });
  const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
