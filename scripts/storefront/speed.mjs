/** How fast pages are on a processor of a quarter of the speed. Shifts of the layout are asserted; times are noisy, and told. */
import { createVisitor } from './visitor.mjs';

const slowdown = 4;
/** Sum of layout shifts of a page that nobody has touched: Core Web Vitals' is 0.1. */
const mostShift = 0.05;
const aims = { lcp: 1_200, inp: 100 };

/** Runs in the page. `hadRecentInput` leaves out what the person caused. */
const observe = () => {
  const seen = { lcp: 0, cls: 0, inp: 0 };
  globalThis.vitals = seen;
  const watch = (type, note, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({
      type,
      buffered: true,
      ...options,
    });
  watch('largest-contentful-paint', ({ startTime }) => (seen.lcp = startTime));
  watch('layout-shift', ({ value, hadRecentInput }) => (seen.cls += hadRecentInput ? 0 : value));
  watch(
    'event',
    ({ duration, interactionId }) => (seen.inp = Math.max(seen.inp, interactionId ? duration : 0)),
    { durationThreshold: 16 },
  );
};

/**
 * @param step and shop as for goThroughJourneys
 * @returns lines of a table
 */
export const measureSpeed = async (step, { browser, origin, complaints }) => {
  const table = ['page                LCP ms   INP ms   layout shift'];
  const visits = [
    [
      'catalog',
      '/',
      (page) => page.getByRole('combobox', { name: 'Search products' }).pressSequentially('lam'),
    ],
    [
      'product',
      '/products/gooseneck-kettle-matt-black',
      (page) => page.getByRole('button', { name: 'Add to cart' }).click(),
    ],
    ['cart', '/cart', (page) => page.getByRole('link', { name: 'Go to checkout' }).click()],
    ['sign-in', '/sign-in', (page) => page.getByLabel('Email address').pressSequentially('ada')],
  ];
  const { context, page } = await createVisitor(browser, { origin, complaints });
  await page.addInitScript(observe);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  for (const [name, address, act] of visits)
    await step(`nothing shifts while ${name} loads on a slow processor`, async () => {
      await page.goto(address);
      await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
      await page.locator('h1').first().waitFor();
      const loaded = await page.evaluate(() => ({ ...globalThis.vitals }));
      await act(page);
      await page.waitForTimeout(300);
      const { inp } = await page.evaluate(() => globalThis.vitals);
      const { lcp, cls } = loaded;
      table.push(
        `${name.padEnd(16)} ${lcp.toFixed(0).padStart(9)} ${inp.toFixed(0).padStart(8)} ${cls.toFixed(3).padStart(14)}`,
      );
      if (cls > mostShift)
        throw new Error(`the layout shifts by ${cls.toFixed(3)}; ${mostShift} is the most`);
    });
  await context.close();
  return [...table, `(processor slowed ${slowdown} times; aimed at: ${aims.lcp} and ${aims.inp} ms)`];
};
