/**
 * `npm test [-- --projects=NAME,NAME]`: starts one PostgreSQL and one RabbitMQ for all, runs every project's tests, whose
 * output is seen as it comes, and sums them up. The last line is `N passed, N failed`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type * as Servers from '@bulkhead/development/servers';
import { load } from '../build/load.ts';
import { root } from '../bootstrap/install.mjs';
import { summarise } from './test-summary.ts';

const args = process.argv.slice(2);

const run = async (): Promise<never> => {
  const { startTestServers } = await load<typeof Servers>('libs/development/src/servers.ts');
  const results = path.join(root, 'test-results');
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results);

  let child: ChildProcess | undefined;
  let interrupted = false;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      interrupted = true;
      child?.kill('SIGTERM');
    });
  }
  const servers = await startTestServers(process.env).catch((error: Error) => {
    console.error(error.message);
    process.exit(1);
  });
  let status = 1;
  try {
    if (!interrupted) {
      const nx = path.join(root, 'node_modules/nx/dist/bin/nx.js');
      const nxProcess = spawn(
        process.execPath,
        [nx, 'run-many', '-t', 'test', '--parallel=2', '--outputStyle=stream-without-prefixes', ...args],
        {
          cwd: root,
          env: {
            ...process.env,
            ...servers.environment,
            NX_DAEMON: 'false',
            NX_TUI: 'false',
            FORCE_COLOR: '0',
          },
          stdio: 'inherit',
        },
      );
      child = nxProcess;
      status = await new Promise((resolve) => nxProcess.on('exit', (code) => resolve(code ?? 1)));
    }
  } finally {
    await servers.stop();
  }
  const { passed, failed, complaints } = summarise(root, args);
  if (interrupted) complaints.push('interrupted');
  for (const complaint of complaints) console.log(complaint);
  if (status !== 0 && complaints.length === 0) console.log(`nx ended with ${status}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(status !== 0 || complaints.length > 0 ? 1 : 0);
};

await run();
