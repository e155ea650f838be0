/** Bundles TypeScript programs of the workspace and runs one on the packaged Node.js. */
import path from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';
import { runProgram } from '../bootstrap/run-program.mjs';

interface BundledOptions {
  readonly outdir: string;
  readonly version: string;
  /** As `runProgram` takes them. */
  readonly flags?: readonly string[];
  readonly enter?: string;
}

/** @param programs names of bundles, and the .ts files they are made from; the first is run */
export const runBundled = async (
  programs: Readonly<Record<string, string>>,
  { outdir, version, flags = [], enter = '' }: BundledOptions,
): Promise<void> => {
  await build({ ...bundleOptions(version), packages: 'external', entryPoints: programs, outdir });
  await runProgram(path.join(outdir, `${Object.keys(programs)[0]}.js`), { flags, enter });
};
