/**
 * `npm run test:storefront [-- URL]`: runs the shop in one process and buys in it with a real browser, while parts of it
 * fail; has axe look at every page, light and dark; weighs the first load, and measures pages on a slow processor. Chromium
 * is the one on the PATH, or that CHROMIUM names, or Debian's (root). The last line is `N passed, N failed`. With
 * `-- --pictures` it also draws pages for docs/; with `-- --processes` it runs `npm run services` instead, and kills each
 * service. With a URL it buys in the shop that is there, as far as nothing has to fail for it.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { buildShop } from '../build/build-shop.ts';
import { findChromium } from '../test/debian-program.ts';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { ensureInstalled, root } from '../bootstrap/install.mjs';
import { load } from '../build/load.ts';
import { freePort } from '../test/processes.ts';
import { startShop } from '../test/shop.ts';
import { stopUnavailable } from '../test/unavailable.ts';

try {
  findChromium();
} catch (error) {
  stopUnavailable(error.message);
}

const pictures = process.argv.includes('--pictures') ? path.join(root, 'docs/storefront') : undefined;
const { folder, processes, step, run } = createEndToEndTest('storefront');
const complaints = [];

const target = process.argv.slice(2).find((word) => !word.startsWith('--'));
const isProcesses = process.argv.includes('--processes');

await run(async () => {
  ensureInstalled();
  if (!target) await checkFirstLoad();
  const { origin, ...shop } = target ? { origin: new URL(target).origin } : await start();
  const { launchChromium } = await import('../test/browser.ts');
  const browser = await launchChromium();
  const visited = { browser, origin, complaints };
  try {
    if (target) await (await import('./purchases.mjs')).goThroughPurchases(step, visited);
    else if (isProcesses)
      await (await import('./each-killed.mjs')).killEachService(step, { ...visited, ...shop });
    else await goThroughEverything({ ...visited, ...shop });
    await step('the browser found fault with nothing, and was sent nowhere else', async () => {
      if (complaints.length > 0) throw new Error([...new Set(complaints)].join('; '));
    });
  } finally {
    await browser.close();
  }
});

async function checkFirstLoad() {
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
  const { createAdminPort } = await load('experiments/shop/admin-port.ts');
  const admin = createAdminPort(() => adminPort, adminToken);
  const { origin, startAgain } = await startShop(processes, {
    command: isProcesses ? 'services' : 'monolith',
    dataDir,
    environment: { FAULTS: 'on', ADMIN_PORT: String(adminPort), ADMIN_TOKEN: adminToken },
  });
  return { origin, startAgain, dataDir, admin };
}

async function goThroughEverything({ browser, origin, dataDir, admin }) {
  const visited = { browser, origin, complaints };
  const { checkMeasured } = await import('./measured.mjs');
  const { speakLanguages } = await import('./languages.mjs');
  const { goThroughPurchases } = await import('./purchases.mjs');
  const { buyWhilePartsFail } = await import('./faults.mjs');
  const { goThroughAccounts } = await import('./account.mjs');
  const { checkAccessibility, checkStaffPages } = await import('./accessibility.mjs');
  const { measureSpeed } = await import('./speed.mjs');
  const { adminPassword } = JSON.parse(readFileSync(path.join(dataDir, 'secrets.json'), 'utf8'));
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
