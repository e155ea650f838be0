/**
 * `npm run test:lighthouse`: Lighthouse on pages of the storefront as a phone on a slow network sees them: at least 95 of 100
 * for speed, accessibility, best practices and search engines. Speed is the median of three runs; it needs a quiet machine.
 * The last line is `N passed, N failed`.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildShop } from '../build/build-shop.ts';
import { findChromium } from '../test/debian-program.ts';
import { createEndToEndTest } from '../test/end-to-end.ts';
import { ensureInstalled } from '../bootstrap/install.mjs';
import { median } from '../test/median.ts';
import { ensurePackagesApart } from '../test/packages-apart.ts';
import { startShop } from '../test/shop.ts';
import { orUnavailable } from '../test/unavailable.ts';

const chromium = orUnavailable(findChromium);

const wanted = 95;
const runs = 3;
const categories = ['performance', 'accessibility', 'best-practices', 'seo'] as const;
type Category = (typeof categories)[number];

/** What Lighthouse writes, as far as it is read here. */
interface Report {
  readonly categories: Readonly<
    Record<
      Category,
      {
        readonly score: number;
        readonly auditRefs: readonly { readonly id: string; readonly weight: number }[];
      }
    >
  >;
  readonly audits: Readonly<
    Record<string, { readonly score: number | null; readonly displayValue?: string }>
  >;
}

ensureInstalled();
const tools = ensurePackagesApart({
  source: path.join(import.meta.dirname, 'lighthouse'),
  what: 'Lighthouse',
});

/** @returns by category, its score of 100, and what cost points */
function audit(url: string) {
  const flags = ['--headless=new', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])].join(' ');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(tools, 'node_modules/lighthouse/cli/index.js'),
      url,
      '--quiet',
      '--output=json',
      `--only-categories=${categories.join(',')}`,
      `--chrome-flags=${flags}`,
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 27, env: { ...process.env, CHROME_PATH: chromium } },
  );
  if (status !== 0) throw new Error(`Lighthouse ended with ${status}: ${stderr.slice(-2_000)}`);
  const report = JSON.parse(stdout) as Report;
  const lost = (category: Category): string[] =>
    report.categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && (report.audits[id]?.score ?? 1) < 1)
      .map(({ id }) => `${id} ${report.audits[id]?.displayValue ?? ''}`.trim());
  return (category: Category) => ({
    score: Math.round(report.categories[category].score * 100),
    lost: lost(category),
  });
}

const { folder, processes, step, say, run } = createEndToEndTest('lighthouse');
await run(async () => {
  buildShop(['monolith', 'storefront']);
  const { origin } = await startShop(processes, { command: 'monolith', dataDir: path.join(folder, 'shop') });
  const products = await fetch(`${origin}/api/v1/products?limit=1`);
  const { items } = (await products.json()) as { items: [{ slug: string }] };
  const pages = { 'The catalog': '/', 'A product': `/products/${items[0].slug}`, 'Signing in': '/sign-in' };
  for (const [name, target] of Object.entries(pages)) {
    const reports = Array.from({ length: runs }, () => audit(origin + target));
    for (const category of categories)
      await step(`${name}: ${category}`, async () => {
        const score = median(reports.map((report) => report(category).score));
        say(`        ${score}`);
        if (score < wanted) throw new Error(`${score} of 100: ${reports[0]?.(category).lost.join('; ')}`);
      });
  }
});
