/**
 * `npm run test:mutants [-- NAME …]`: builds the services with mistakes in them, each in a bundle of its own beside the
 * product's, and sees each mistake caught by the check of the invariants. See docs/invariants.md.
 */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import type * as Services from '@bulkhead/contracts/services';
import { build } from 'esbuild';
import type * as Mutants from '../../experiments/mutants/mutants';
import { buildShop } from '../build/build-shop.ts';
import { bundleOptions } from '../build/bundle-options.ts';
import { root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { runProgram } from '../bootstrap/run-program.mjs';

const { mutants } = await load<typeof Mutants>('experiments/mutants/mutants.ts');
const known = Object.keys(mutants);
const unknown = process.argv.slice(2).find((name) => !known.includes(name));
if (unknown !== undefined) {
  console.error(`Unknown mutant ${unknown}; there are: ${known.join(', ')}.`);
  process.exit(2);
}
buildShop();
const { serviceNames } = await load<typeof Services>('libs/contracts/src/services.ts');
const outdir = 'dist/mutants';
rmSync(path.join(root, outdir), { recursive: true, force: true });
cpSync(path.join(root, 'dist/apps'), path.join(root, outdir, 'apps'), { recursive: true });

const shared = { ...bundleOptions('mutant'), packages: 'external' as const };
await Promise.all([
  ...serviceNames.map((service) =>
    build({
      ...shared,
      entryPoints: ['experiments/mutants/serve.ts'],
      outfile: path.join(outdir, 'apps', service, 'main.js'),
      define: { ...shared.define, SERVED_SERVICE: JSON.stringify(service) },
    }),
  ),
  build({
    ...shared,
    entryPoints: { main: 'experiments/mutants/main.ts' },
    outdir: path.join(outdir, 'run'),
  }),
]);
await runProgram(path.join(outdir, 'run/main.js'), { flags: ['--enable-source-maps'] });
