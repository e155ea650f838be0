/**
 * `npm run test:pooler`: PgBouncer in transaction mode. First the connection pool and the migration runner through it, then
 * a whole shop: the acceptance suite, and load while it and PostgreSQL are killed and a standby is promoted behind it.
 * PGBOUNCER names the program, 1.21 or later, else the one on the PATH, else Debian's: installed, or that of Debian 13 run
 * beside an older one, where this is root. The last line is `N passed, N failed`.
 */
import { buildShop } from '../build/build-shop.ts';
import { findPgBouncer } from './pgbouncer.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';
import { runJest } from './run-jest.ts';
import { stopUnavailable } from './unavailable.ts';

ensureInstalled();
const environment = {
  PGBOUNCER: await findPgBouncer().catch((error: Error) => stopUnavailable(error.message)),
};
await runJest(['--config', 'libs/database/jest.config.cjs', 'pgbouncer'], { environment });
if (process.exitCode !== 0) process.exit();
buildShop();
process.env['PGBOUNCER'] = environment.PGBOUNCER;
const { runBundled } = await import('../build/run-bundled.ts');
await runBundled(
  { main: 'experiments/pooler/main.ts', 'load-worker': 'experiments/load/worker.ts' },
  { outdir: 'dist/pooler', version: 'experiment', flags: ['--enable-source-maps'] },
);
