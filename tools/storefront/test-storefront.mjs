/**
 * `npm run test:storefront`: runs the shop in one process and buys in it with a real browser, while parts of it fail; has
 * axe look at every page, light and dark; weighs the first load, and measures pages on a slow processor. Chromium is the
 * one on the PATH, or that CHROMIUM names, or Debian's (root). The last line is `N passed, N failed`. With `-- --pictures`
 * it also draws pages for docs/; with `-- --processes` it runs `npm run services` instead, and kills each service.
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

await run(async () => {
  ensureInstalled();
  buildShop(process.argv.includes('--processes') ? [] : ['monolith', 'storefront']);
  if (pictures) mkdirSync(pictures, { recursive: true });
  const { checkBudget } = await import('./budget.ts');
  await step('the first load is within its budget', async () => {
    const bytes = checkBudget(path.join(root, 'dist/apps/storefront/site'));
    console.log(`        ${bytes} bytes of JavaScript, gzipped`);
  });

  const adminPort = await freePort();
  const adminToken = crypto.randomUUID();
  const { createAdminPort } = await load('experiments/shop/admin-port.ts');
  const admin = createAdminPort(() => adminPort, adminToken);
  const environment = { FAULTS: 'on', ADMIN_PORT: String(adminPort), ADMIN_TOKEN: adminToken };
  const isProcesses = process.argv.includes('--processes');
  const { origin, startAgain } = await startShop(processes, {
    command: isProcesses ? 'services' : 'monolith',
    dataDir: path.join(folder, 'shop'),
    environment,
  });
  /** What is to fail from now on, and nothing else. */
  const setFaults = (...faults) => admin.setFaults(faults);

  const { launchChromium } = await import('../test/browser.ts');
  const browser = await launchChromium();
  try {
    if (isProcesses) {
      const { killEachService } = await import('./each-killed.mjs');
      const dataDir = path.join(folder, 'shop');
      await killEachService(step, { browser, origin, complaints, dataDir, startAgain });
    } else {
      const { goThroughJourneys } = await import('./journeys.mjs');
      const { checkMeasured } = await import('./measured.mjs');
      const { speakLanguages } = await import('./languages.mjs');
      const { goThroughAccounts } = await import('./account.mjs');
      const { checkAccessibility, checkStaffPages } = await import('./accessibility.mjs');
      const { adminPassword } = JSON.parse(readFileSync(path.join(folder, 'shop/secrets.json'), 'utf8'));
      const { measureSpeed } = await import('./speed.mjs');
      for (const line of await measureSpeed(step, { browser, origin, complaints }))
        console.log(`        ${line}`);
      await speakLanguages(step, { browser, origin, complaints });
      await checkMeasured(step, { browser, origin, complaints, readMetrics: admin.metrics });
      await goThroughJourneys(step, { browser, origin, complaints, setFaults });
      const staff = await goThroughAccounts(step, { browser, origin, complaints, adminPassword });
      await checkStaffPages(step, { staff, pictures });
      await checkAccessibility(step, { browser, origin, complaints, pictures });
    }
    await step('the browser found fault with nothing, and was sent nowhere else', async () => {
      if (complaints.length > 0) throw new Error([...new Set(complaints)].join('; '));
    });
  } finally {
    await browser.close();
  }
});
