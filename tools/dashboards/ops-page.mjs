/** Looks at `/ops` as a person would, with a real browser. */
import { axeFaults, launchChromium } from '../test/browser.ts';
import { load } from '../build/load.ts';
import { wait } from '../test/processes.ts';

const patience = 15_000;

/**
 * @param {{ origin: string, picture?: string | undefined }} options the shop, and a file for a picture of the page
 * @returns {Promise<{ passed: number, failures: string[] }>}
 */
export const checkOpsPage = async ({ origin, picture }) => {
  const { createShopClient, register, buy, plentifulProduct } = await load('apps/acceptance/src/client.ts');
  const client = createShopClient(origin);
  const ada = await register(client);
  const { productId } = await plentifulProduct(client);
  const people = async (rounds) => {
    for (let n = 0; n < rounds; n++) {
      await client.call('/api/v1/search?q=kettle');
      await client.call(`/api/v1/products/${productId}`);
      await client.call('/api/v1/orders', { token: ada.token });
      if (n % 3 === 0) await buy(client, ada, { productId });
      if (n % 5 === 0) await buy(client, ada, { productId, paymentMethod: 'pm_declined' });
      await wait(50);
    }
  };

  const browser = await launchChromium();
  const failures = [];
  let passed = 0;
  const step = async (sentence, work) => {
    try {
      await work();
      passed += 1;
    } catch (error) {
      failures.push(`/ops ${sentence}: ${error.message}`);
    }
  };
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
    page.setDefaultTimeout(patience);
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) complaints.push(`asks for ${request.url()}`);
    });
    const first = (selector, text) => page.locator(selector).filter({ hasText: text }).first();
    const seen = (selector, text) => first(selector, text).waitFor();

    await page.goto(`${origin}/ops`);
    await step('says that it is live', () => seen('#connection[data-state=live]', 'Live'));
    await people(15);
    await step('counts what is asked', () => seen('#routes tr', /POST \/api\/v1\/orders.*201 × \d/));
    await step('draws rates and latencies', async () => {
      await page.locator('#rate-chart path.ok').waitFor();
      await page.locator('#latency-chart path.warm').waitFor();
    });
    await step('shows an order as a waterfall through every service', async () => {
      const order = page.locator('#trace-list button', { hasText: /201.*POST \/api\/v1\/orders/s }).first();
      await order.click();
      await seen('#trace h3', 'POST /api/v1/orders');
      for (const name of ['gateway', 'order', 'inventory', 'payment', 'notification'])
        await page.locator(`#trace li[data-service=${name}]`).first().waitFor();
      await seen('#trace li', 'step reserved');
      await seen('#trace li', 'provider.authorise');
    });
    await step('finds the requests that failed, or says that none did', async () => {
      await page.locator('button[data-traces=failed]').click();
      await page.locator('#trace-list li').first().waitFor();
      await page.locator('button[data-traces=requests]').click();
    });
    await step('shows where orders stand', () => seen('#sagas li', /confirmed\s*\d/));
    await step('shows the services and their limits', () => seen('#services tr', /payment.* of \d/));
    await step('shows the calls between services', () => seen('#peers tr', /order → payment.*closed/));
    await step('shows how events are delivered', () => seen('#groups tr', 'notification.orders'));
    await step('stays as it is while paused', async () => {
      await page.locator('#pause').click();
      const text = () => page.locator('#routes').innerText();
      const before = await text();
      await people(5);
      await wait(2_500);
      if ((await text()) !== before) throw new Error('it went on');
      await page.locator('#pause').click();
    });
    if (picture) {
      await people(30);
      await wait(2_500);
      await page.screenshot({ path: picture });
    }
    for (const colorScheme of ['light', 'dark'])
      for (const width of [1_280, 320])
        await step(`leaves nothing for axe to find, ${colorScheme}, ${width} px wide`, async () => {
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
          const faults = await axeFaults(page);
          if (faults.length > 0) throw new Error(faults.join('; '));
        });
    await step('shows every number of a table on 320 px', async () => {
      await page.setViewportSize({ width: 320, height: 900 });
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll('td')]
          .filter((cell) => cell.getBoundingClientRect().right > innerWidth)
          .map((cell) => cell.textContent),
      );
      if (outside.length > 0) throw new Error(`outside: ${outside.join(', ')}`);
    });
    await step('fits a phone', async () => {
      await page.setViewportSize({ width: 390, height: 800 });
      await wait(1_500);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 390) throw new Error(`it is ${width} px wide`);
      if (picture && process.env.PHONE_PICTURE)
        await page.screenshot({ path: process.env.PHONE_PICTURE, fullPage: true });
    });
    await step('says when the shop is gone, and needs nothing from elsewhere', async () => {
      if (complaints.length > 0) throw new Error(complaints.join('; '));
      await page.route(/\/ops\/data/, (route) => route.abort());
      await seen('#connection:not([data-state=live])', /./);
    });
  } finally {
    await browser.close();
  }
  return { passed, failures };
};
