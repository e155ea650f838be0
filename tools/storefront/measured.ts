/** What the page measures of itself, and how what a person did is found again in traces. */
import { until } from '../test/processes.ts';
import { createVisitor, expectEqual, type Step, type Visited } from './visitor.ts';

interface MeasuredShop extends Visited {
  readonly readMetrics: () => Promise<string>;
}

export const checkMeasured = async (
  step: Step,
  { browser, origin, complaints, readMetrics }: MeasuredShop,
): Promise<void> => {
  const visitor = await createVisitor(browser, { origin, complaints });
  const { page, context } = visitor;

  await step('requests of one action carry one trace id, and those of the next another', async () => {
    const traces: (string | undefined)[] = [];
    page.on('request', (request) => {
      const { traceparent } = request.headers();
      if (/\/api\/v1\//.test(request.url())) traces.push(traceparent?.split('-')[1]);
    });
    await page.goto('/');
    await page.locator('.card a').first().waitFor();
    const atLoad = new Set(traces.splice(0));
    expectEqual(atLoad.size, 1, 'traces of the first load');
    await page.locator('.card a').first().click();
    await page.locator('.stock').waitFor();
    const [clicked] = traces;
    if (!clicked || !/^[0-9a-f]{32}$/.test(clicked) || atLoad.has(clicked))
      throw new Error(`the click has the trace ${clicked}`);
  });

  await step('a visit that is over is in the metrics, with its errors', async () => {
    const count = async () => {
      const metrics = await readMetrics();
      const valueOf = (series: string) =>
        Number(new RegExp(`^${series}\\{[^}]*\\} (\\d+)`, 'm').exec(metrics)?.[1] ?? 0);
      return {
        lcp: valueOf('page_vital_seconds_count(?=[^}]*vital="lcp")'),
        ttfb: valueOf('page_vital_seconds_count(?=[^}]*vital="ttfb")'),
        errors: valueOf('page_errors_total(?=[^}]*kind="script")'),
      };
    };
    const before = await count();
    await page.evaluate(() => window.dispatchEvent(new ErrorEvent('error', { message: 'made by the test' })));
    // Browsers send the report while the page is gone already, so that nothing of the page can wait for it.
    await page.goto('about:blank');
    await until(
      'the visit is counted with its vitals and its error',
      async () => {
        const after = await count();
        return after.lcp > before.lcp && after.ttfb > before.ttfb && after.errors === before.errors + 1;
      },
      10_000,
    );
  });
  await context.close();
};
