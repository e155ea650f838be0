import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDataDir, removeDataDir, startShop } from '@bulkhead/app/monolith/src/testing/running-shop';
import type { SizesBench } from '../bench';
import { processTree } from '../process-tree';
import { proportionalBytes } from './proportional-memory';

const mib = 1024 * 1024;
/** Decision: measured with these packages; the OpenTelemetry SDK alone is 45 MB. */
const most = { monolith: 350 * mib, service: 140 * mib, services: 1_434 * mib };
/** Until the garbage and the database connections of the start are gone: these go after a minute without use. */
const idleMs = 75_000;

export const memory: SizesBench = {
  name: 'memory',
  title: 'Memory while nobody comes: proportional set size',
  async run({ share }) {
    const ms = idleMs * share;
    const monolith = await idle('monolith', ms, async (pid) => ({ monolith: treeBytes(pid) }));
    const services = await idle('services', ms, async (_pid, dataDir) => {
      const running = JSON.parse(
        await readFile(path.join(dataDir, 'processes/running.json'), 'utf8'),
      ) as Record<string, { pid: number }>;
      return Object.fromEntries(
        Object.entries(running).map(([name, { pid }]) => [name, proportionalBytes(pid)]),
      );
    });
    const each = Object.entries(services);
    return {
      kind: 'sizes',
      sizes: [
        { what: 'the monolith with its database', bytes: monolith['monolith']!, most: most.monolith },
        ...each.map(([name, bytes]) => ({ what: `the process of ${name}`, bytes, most: most.service })),
        {
          what: 'all nine together',
          bytes: each.reduce((sum, [, bytes]) => sum + bytes, 0),
          most: most.services,
        },
      ],
    };
  },
};

const treeBytes = (pid: number) => processTree(pid).reduce((sum, each) => sum + proportionalBytes(each), 0);

async function idle(
  command: 'monolith' | 'services',
  ms: number,
  read: (pid: number, dataDir: string) => Promise<Record<string, number>>,
): Promise<Record<string, number>> {
  const dataDir = await makeDataDir();
  const shop = await startShop({
    command,
    dataDir,
    environment: { NODE_ENV: 'development', LOG_LEVEL: 'warn' },
  });
  try {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return await read(shop.pid, dataDir);
  } finally {
    await shop.stop();
    await removeDataDir(dataDir);
  }
}
