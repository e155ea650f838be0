/**
 * `npm run test:storefront [-- URL]`: runs the shop in one process and buys in it with a real browser, while parts of it
 * fail; has axe look at every page, light and dark; weighs the first load, and measures pages on a slow processor. Chromium
 * is the one on the PATH, or that CHROMIUM names, or Debian's (root). The last line is `N passed, N failed`. With
 * `-- --pictures` it also draws pages for docs/; with `-- --processes` it runs `npm run services` instead, and kills each
 * service. With a URL it buys in the shop that is there, as far as nothing has to fail for it.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type * as AdminPort from '../../experiments/shop/admin-port';
import { buildShop } from '../build/build-shop.ts';
import { findChromium } from '../test/debian-program.ts';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { ensureInstalled, root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { freePort } from '../test/processes.ts';
import { startShop } from '../test/shop.ts';
import { orUnavailable } from '../test/unavailable.ts';
import type { Visited } from './visitor.ts';

orUnavailable(findChromium);

const pictures = process.argv.includes('--pictures') ? path.join(root, 'docs/storefront') : undefined;
const { folder, processes, step, run } = createEndToEndTest('storefront');
const complaints: string[] = [];

const target = process.argv.slice(2).find((word) => !word.startsWith('--'));
const isProcesses = process.argv.includes('--processes');

await run(async () => {
  ensureInstalled();
  if (!target) await checkFirstLoad();
  const shop = target ? { origin: new URL(target).origin } : await start();
  const { launchChromium } = await import('../test/browser.ts');
  const browser = await launchChromium();
  const visited = { browser, origin: shop.origin, complaints };
  try {
    if (!('admin' in shop)) await (await import('./purchases.ts')).goThroughPurchases(step, visited);
    else if (isProcesses)
      await (await import('./each-killed.ts')).killEachService(step, { ...visited, ...shop });
    else await goThroughEverything({ ...visited, ...shop });
    await step('the browser found fault with nothing, and was sent nowhere else', async () => {
      if (complaints.length > 0) throw new Error([...new Set(complaints)].join('; '));
    });
  } finally {
    await browser.close();
  }
});

async function checkFirstLoad(): Promise<void> {
  buildShop(isProcesses ? [] : ['monolith', 'storefront']);
  if (pictures) mkdirSync(pictures, { recursive: true });
  const { checkBudget } = await import('./budget.ts');
  await step('the first load is within its budget', async () => {
    const bytes = checkBudget(path.join(root, 'dist/apps/storefront/site'));
    console.log(`        ${bytes} bytes of JavaScript, gzipped`);
  });
}

/** A shop of this tree in which faults can be set. */
async function start() {
  const dataDir = path.join(folder, 'shop');
  const adminPort = await freePort();
  const adminToken = crypto.randomUUID();
  const { createAdminPort } = await load<typeof AdminPort>('experiments/shop/admin-port.ts');
  const admin = createAdminPort(() => adminPort, adminToken);
  const { origin, startAgain } = await startShop(processes, {
    command: isProcesses ? 'services' : 'monolith',
    dataDir,
    environment: { FAULTS: 'on', ADMIN_PORT: String(adminPort), ADMIN_TOKEN: adminToken },
  });
  return { origin, startAgain, dataDir, admin };
}

type Shop = Awaited<ReturnType<typeof start>>;

async function goThroughEverything({ dataDir, admin, ...visited }: Visited & Shop): Promise<void> {
  const { checkMeasured } = await import('./measured.ts');
  const { speakLanguages } = await import('./languages.ts');
  const { goThroughPurchases } = await import('./purchases.ts');
  const { buyWhilePartsFail } = await import('./faults.ts');
  const { goThroughAccounts } = await import('./account.ts');
  const { checkAccessibility, checkStaffPages } = await import('./accessibility.ts');
  const { measureSpeed } = await import('./speed.ts');
  const secrets = readFileSync(path.join(dataDir, 'secrets.json'), 'utf8');
  const { adminPassword } = JSON.parse(secrets) as { adminPassword: string };
  for (const line of await measureSpeed(step, visited)) console.log(`        ${line}`);
  await speakLanguages(step, visited);
  await checkMeasured(step, { ...visited, readMetrics: admin.metrics });
  await goThroughPurchases(step, visited);
  // What is to fail from now on, and nothing else.
  await buyWhilePartsFail(step, { ...visited, setFaults: (...faults) => admin.setFaults(faults) });
  const staff = await goThroughAccounts(step, { ...visited, adminPassword });
  await checkStaffPages(step, { staff, pictures });
  await checkAccessibility(step, { ...visited, pictures });
}
