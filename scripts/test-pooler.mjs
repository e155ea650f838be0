/**
 * `npm run test:pooler`: the connection pool and the migration runner through PgBouncer in transaction mode, with
 * nothing else configured. PGBOUNCER names the program, else the one on the PATH, else Debian's is installed where this
 * is root. The last line is `N passed, N failed`.
 */
import { findProgram } from './debian-program.mjs';
import { ensureInstalled } from './install.mjs';
import { runJest } from './run-jest.mjs';
import { stopUnavailable } from './unavailable.mjs';

ensureInstalled();
let program;
try {
  program = findProgram({ program: 'pgbouncer', package: 'pgbouncer', variable: 'PGBOUNCER' });
} catch (error) {
  stopUnavailable(error.message);
}
await runJest(['--config', 'libs/database/jest.config.cjs', 'pgbouncer'], {
  environment: { PGBOUNCER: program },
});
