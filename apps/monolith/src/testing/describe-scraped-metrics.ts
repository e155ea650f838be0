import { lintMetrics } from '@bulkhead/testing/lint-metrics';

/** @param admins the admin ports of the shop, as URLs */
export function describeScrapedMetrics(admins: () => Promise<readonly string[]>): void {
  test('/metrics passes promtool check metrics as it is, and is OpenMetrics only where that is asked for', async () => {
    for (const admin of await admins()) {
      const plain = await fetch(`${admin}/metrics`);
      expect(plain.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
      expect({ admin, faults: lintMetrics(await plain.text()) }).toEqual({ admin, faults: [] });
      expect(await scrapeOpenMetrics(admin)).toMatch(/\n# EOF\n$/);
    }
  }, 60_000);
}

/** With exemplars. */
export const scrapeOpenMetrics = async (admin: string): Promise<string> =>
  (await fetch(`${admin}/metrics`, { headers: { accept: 'application/openmetrics-text' } })).text();
