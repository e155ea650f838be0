/** What a person sees of the story: each button pressed, what becomes of either shop, and the repair. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { axeFaults } from '../test/browser.ts';

const narrow = 320;
/** For what never comes; all of it takes longer on a busy machine. */
const patience = 300_000;

/**
 * @param {(sentence: string, work: () => Promise<void>) => Promise<void>} step
 * @param {{ browser: import('playwright-core').Browser, address: string, pictures?: string }} story `pictures` is a
 *   folder for pictures of the page
 */
export const pressEveryButton = async (step, { browser, address, pictures }) => {
  const complaints = [];
  const context = await browser.newContext({ viewport: { width: 1180, height: 900 } });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));

  const text = (shop, key) => page.locator(`#${shop} [data-number=${key}]`);
  const says = (shop, pattern) => page.locator(`#${shop} .sentence`).filter({ hasText: pattern }).waitFor();
  const shows = (shop, key, pattern) => text(shop, key).filter({ hasText: pattern }).waitFor();
  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  /** Orders go on being confirmed there: true or false on a machine of any speed, other than what is timed. */
  const goesOnSelling = async (shop) => {
    const before = Number.parseInt(await text(shop, 'orders').textContent(), 10);
    await page.waitForFunction(
      ([id, count]) =>
        Number.parseInt(document.querySelector(`#${id} [data-number=orders]`).textContent, 10) > count,
      [shop, before],
    );
  };
  const bothSell = () => Promise.all([goesOnSelling('monolith'), goesOnSelling('services')]);
  const repair = async () => {
    await press('Repair');
    await page.locator('#fault').filter({ hasText: 'Nothing is broken.' }).waitFor();
    await Promise.all([shows('monolith', 'failures', '0.0/s'), shows('services', 'failures', '0.0/s')]);
    await bothSell();
  };
  const picture = async (name) => {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: path.join(pictures, `${name}-${colorScheme}.png`) });
    }
  };

  await step('both shops sell, and say so by mail', async () => {
    await page.goto(address);
    await bothSell();
    for (const shop of ['monolith', 'services'])
      await page.locator(`#${shop} .mails li`).filter({ hasText: 'is confirmed' }).first().waitFor();
  });
  await step('one search crashes: all of the monolith is down, and the services go on selling', async () => {
    await press('One search crashes');
    await says('monolith', 'The shop is down');
    await goesOnSelling('services');
    await repair();
  });
  await step('notification killed: the monolith is down; the services sell, and mail later', async () => {
    await press('Kill notification');
    await Promise.all([says('monolith', 'The shop is down'), shows('services', 'mails', /on their way/)]);
    await goesOnSelling('services');
    await repair();
  });
  await step(
    'payment takes 10 s: all wait in the monolith; the services take orders, to be paid later',
    async () => {
      await press('Payment takes 10 s');
      await Promise.all([
        says('monolith', /^Buyers wait \d+ s for/),
        shows('services', 'orders', /\b([4-9]|\d\d+) pending/),
      ]);
      await shows('services', 'failures', '0.0/s');
      await says('monolith', /^Buyers wait \d+ s for every page/);
      await picture('payment-slow');
      await repair();
    },
  );
  await step('broker gone: no order of either shop notices, and the mails come later', async () => {
    await press('Broker gone');
    await shows('services', 'mails', /on their way/);
    await bothSell();
    await repair();
  });
  await step(
    'twice the people: all wait in the monolith; the services turn some away, and sell',
    async () => {
      await press('Twice the people');
      await Promise.all([
        says('monolith', /^Buyers wait \d+ s for every page/),
        shows('services', 'orders', /turned away/),
      ]);
      await goesOnSelling('services');
      await repair();
    },
  );
  await step(`axe finds nothing, light and dark, and ${narrow} px are enough`, async () => {
    const faults = [];
    for (const colorScheme of ['dark', 'light']) {
      await page.emulateMedia({ colorScheme });
      faults.push(...(await axeFaults(page)).map((fault) => `${colorScheme}: ${fault}`));
    }
    await page.setViewportSize({ width: narrow, height: 800 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > narrow) faults.push(`it is ${width} px wide`);
    if (faults.length > 0) throw new Error(faults.join('; '));
  });
  await step('each button leads to its experiment’s report and code', async () => {
    const links = await page.locator('#buttons a').evaluateAll((all) => all.map(({ href }) => href));
    if (links.length !== 10) throw new Error(`there are ${links.length} links`);
    for (const link of links) {
      const { status } = await fetch(link);
      if (status !== 200) throw new Error(`${link} was answered with ${status}`);
    }
  });
  await step('another site cannot press a button', async () => {
    const action = `${address}/actions/repair`;
    const crossSite = await fetch(action, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } });
    if (crossSite.status !== 403) throw new Error(`it was answered with ${crossSite.status}`);
  });
  await step('the browser found fault with nothing', async () => {
    if (complaints.length > 0) throw new Error([...new Set(complaints)].join('; '));
  });
  await context.close();
};
