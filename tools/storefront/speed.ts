/**
 * How fast pages are on a processor of a quarter of the speed: medians of several visits. What shifts is asserted. Times are
 * printed beside their budgets, with how much other programs slowed the machine meanwhile: they depend on it more than on
 * the page. `npm run test:lighthouse` asserts speed, where a machine is quiet.
 */
import type { Page } from 'playwright-core';
import { median } from '../test/median.ts';
import { createVisitor, type Step, type Visited } from './visitor.ts';

interface Vitals {
  /** ms */
  lcp: number;
  cls: number;
  /** ms */
  inp: number;
}

declare global {
  interface Window {
    /** What `observe` has seen in this page. */
    vitals: Vitals;
  }
}

/** Which the types of the DOM lack, as only Chromium measures it. */
interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

const slowdown = 4;
/** Sum of layout shifts of a page that nobody has touched: Core Web Vitals' is 0.1. */
const maxShift = 0.05;
/** ms, on a machine that does nothing else. */
const budgets = { lcp: 1_200, inp: 100 };
const visitsOfEach = 3;

/** Runs in a page that is not slowed. @returns how many times longer work takes than when nothing interrupts it */
const loadOfMachine = (): number => {
  const times = Array.from({ length: 300 }, () => {
    const startedAt = performance.now();
    let sum = 0;
    for (let index = 0; index < 400_000; index += 1) sum += Math.sqrt(index);
    return sum > 0 ? performance.now() - startedAt : 0;
  });
  const fastest = times.toSorted((one, other) => one - other).slice(0, 30);
  const mean = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  return mean(times) / mean(fastest);
};

/** Runs in the page. `hadRecentInput` leaves out what the person caused. */
const observe = (): void => {
  const seen: Vitals = { lcp: 0, cls: 0, inp: 0 };
  window.vitals = seen;
  const watch = <Entry extends PerformanceEntry>(
    type: string,
    note: (entry: Entry) => void,
    options: PerformanceObserverInit & { durationThreshold?: number } = {},
  ) =>
    new PerformanceObserver((list) => (list.getEntries() as Entry[]).forEach(note)).observe({
      type,
      buffered: true,
      ...options,
    });
  watch('largest-contentful-paint', ({ startTime }) => (seen.lcp = startTime));
  watch<LayoutShift>('layout-shift', ({ value, hadRecentInput }) => (seen.cls += hadRecentInput ? 0 : value));
  watch<PerformanceEventTiming>(
    'event',
    ({ duration, interactionId }) => (seen.inp = Math.max(seen.inp, interactionId ? duration : 0)),
    { durationThreshold: 16 },
  );
};

/** By name and address: what a person does there first. */
type Visit = readonly [name: string, address: string, act: (page: Page) => Promise<void>];

/** @returns lines of a table */
export const measureSpeed = async (
  step: Step,
  { browser, origin, complaints }: Visited,
): Promise<string[]> => {
  const table = ['page                LCP ms   INP ms   layout shift     load'];
  const visits: readonly Visit[] = [
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
  const other = await context.newPage();
  await page.addInitScript(observe);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
  const visit = async (address: string, act: Visit[2]): Promise<Vitals> => {
    await page.goto(address);
    await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
    await page.locator('h1').first().waitFor();
    const { lcp, cls } = await page.evaluate(() => ({ ...window.vitals }));
    await act(page);
    // The browser tells of an interaction some time after it; of one that took less than a frame it tells nothing.
    const isTold = () => window.vitals.inp > 0;
    await page.waitForFunction(isTold, undefined, { timeout: 2_000 }).catch(() => undefined);
    const { inp } = await page.evaluate(() => window.vitals);
    return { lcp, cls, inp };
  };
  for (const [name, address, act] of visits)
    await step(`${name}: nothing shifts on a slow processor`, async () => {
      const seen: Vitals[] = [];
      const loads: number[] = [];
      for (let count = 0; count < visitsOfEach; count += 1) {
        seen.push(await visit(address, act));
        loads.push(await other.evaluate(loadOfMachine));
      }
      const medianOf = (vital: keyof Vitals) => median(seen.map((each) => each[vital]));
      const [lcp, inp, cls] = [medianOf('lcp'), medianOf('inp'), medianOf('cls')] as const;
      const load = Math.max(...loads);
      table.push(
        `${name.padEnd(16)} ${lcp.toFixed(0).padStart(9)} ${inp.toFixed(0).padStart(8)} ${cls.toFixed(3).padStart(14)} ${load.toFixed(1).padStart(8)}`,
      );
      if (cls > maxShift) throw new Error(`the layout shifts by ${cls.toFixed(3)}`);
    });
  await context.close();
  return [
    ...table,
    `(medians of ${visitsOfEach}, processor slowed ${slowdown} times; budgets: ${budgets.lcp} ms, ${budgets.inp} ms, ${maxShift})`,
  ];
};
