/** `npm run provision -- [--print [sql | definitions]]`: the command of the charts' Job, bundled as it is there. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from '../bootstrap/install.mjs';
import { runCommandBundled } from '../build/run-command-bundled.ts';

/** What the charts know of the services. */
const readTopology = async (): Promise<Record<string, { database: boolean; extensions: string[] }>> => {
  const text = await readFile(path.join(root, 'charts/service/templates/_topology.tpl'), 'utf8');
  return JSON.parse(
    text.slice(text.indexOf('-}}', text.indexOf('define')) + 3, text.lastIndexOf('{{-')),
  ) as Record<string, { database: boolean; extensions: string[] }>;
};

const services = Object.entries(await readTopology()).filter(([, { database }]) => database);
const extensions = services.flatMap(([name, { extensions }]) =>
  extensions.length > 0 ? [[name, extensions]] : [],
);
await runCommandBundled('apps/chart-jobs/src/main.ts', {
  words: ['provision', ...process.argv.slice(2)],
  environment: {
    SERVICES: services.map(([name]) => name).join(','),
    EXTENSIONS: JSON.stringify(Object.fromEntries(extensions)),
  },
});
