import type { ShopClient } from '@bulkhead/app/acceptance/src/client';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type Kube, within } from './kube';
import { openForBusiness } from './visitor';

export interface StorefrontOptions {
  readonly kube: Kube;
  readonly prefix: string;
  readonly shopUrl: string;
  readonly shop: ShopClient;
}

/** The pages and the API behind one address, each without the other. */
export function describeStorefront(options: () => StorefrontOptions): void {
  describe('the storefront', () => {
    const page = (path = '/') =>
      fetch(options().shopUrl + path, {
        headers: { accept: 'text/html,*/*;q=0.8' },
        signal: AbortSignal.timeout(5_000),
      });
    const products = async () => (await options().shop.call('/api/v1/products?limit=1')).status;
    const scale = async (replicas: number) => {
      const { kube, prefix } = options();
      await kube.kubectl(['scale', `deployment/${prefix}storefront`, `--replicas=${replicas}`]);
    };

    it('is served where the API is, page, script and addresses of pages', async () => {
      const response = await page();
      const html = await response.text();
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        'text/html; charset=utf-8',
      ]);
      const [, script] = /src="(\/assets\/[^"]+\.js)"/.exec(html)!;
      expect((await page(script)).headers.get('cache-control')).toContain('immutable');
      expect(await (await page('/orders')).text()).toBe(html);
      expect((await (await page('/api/v1/nothing')).json()) as object).toMatchObject({ status: 404 });
    });

    it('sells in a browser', async () => {
      const { shop, shopUrl } = options();
      await openForBusiness(shop);
      const { stdout } = await promisify(execFile)(
        process.execPath,
        ['tools/run.mjs', 'test:storefront', shopUrl],
        { cwd: path.join(__dirname, '../../..') },
      ).catch((error: { stdout: string; stderr: string }) => {
        throw new Error(error.stdout + error.stderr);
      });
      expect(stdout).toMatch(/^\d+ passed, 0 failed\n$/m);
    }, 300_000);

    it('goes without the API going, and comes back', async () => {
      const { kube, prefix } = options();
      await scale(0);
      try {
        await within(60, async () => expect((await kube.pods('storefront')).length).toBe(0));
        await within(30, async () =>
          expect((await page().catch(() => ({ status: 503 }))).status).not.toBe(200),
        );
        expect(await products()).toBe(200);
      } finally {
        await scale(1);
      }
      await kube.rolledOut(`deployment/${prefix}storefront`);
      await within(30, async () => expect((await page()).status).toBe(200));
    });

    it('is there while the gateway is not', async () => {
      const { kube, prefix } = options();
      await kube.kubectl(['scale', `deployment/${prefix}gateway`, '--replicas=0']);
      try {
        await within(60, async () => expect((await kube.pods('gateway')).length).toBe(0));
        expect((await page()).status).toBe(200);
      } finally {
        await kube.kubectl(['scale', `deployment/${prefix}gateway`, '--replicas=1']);
      }
      await kube.rolledOut(`deployment/${prefix}gateway`);
      await within(30, async () => expect(await products()).toBe(200));
    });
  });
}
