/** `npm run provision -- [--print [sql | definitions]]`: the command of the charts' Job, bundled as it is there. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { ensureInstalled, root } from './install.mjs';

ensureInstalled();
const { build } = await import('esbuild');

/** What the charts know of the services. */
const readTopology = async () => {
  const text = await readFile(path.join(root, 'charts/service/templates/_topology.tpl'), 'utf8');
  return JSON.parse(text.slice(text.indexOf('-}}', text.indexOf('define')) + 3, text.lastIndexOf('{{-')));
};

const services = Object.entries(await readTopology()).filter(([, { database }]) => database);
const extensions = services.flatMap(([name, { extensions }]) =>
  extensions.length > 0 ? [[name, extensions]] : [],
);
const folder = await mkdtemp(path.join(os.tmpdir(), 'bulkhead-provision-'));
try {
  const outfile = path.join(folder, 'main.cjs');
  await build({
    entryPoints: [path.join(root, 'apps/chart-jobs/src/main.ts')],
    tsconfig: path.join(root, 'tsconfig.json'),
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['pg-native'],
    logLevel: 'error',
  });
  const quiet = ['--require', path.join(import.meta.dirname, 'end-with-reader.cjs')];
  const words = ['provision', ...process.argv.slice(2)];
  const { status } = spawnSync(process.execPath, [...quiet, outfile, ...words], {
    stdio: 'inherit',
    env: {
      SERVICES: services.map(([name]) => name).join(','),
      EXTENSIONS: JSON.stringify(Object.fromEntries(extensions)),
      ...process.env,
    },
  });
  process.exitCode = status ?? 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
