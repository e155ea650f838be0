import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeDataDir, removeDataDir, startProcess } from '@bulkhead/app/monolith/src/testing/running-shop';
import { adminEmail } from '@bulkhead/app/monolith/src/local/environment';
import { findProducts, type Product } from '../catalog';
import { createMeasurements } from '../measurements';
import { sleep } from '../open-loop';
import { createShop } from '../shop';

/** A shop of its own, one process a service. */
export interface ShopUnderTest {
  readonly origin: string;
  readonly dataDir: string;
  /** Of the process that started all others. */
  readonly pid: number;
  readonly products: readonly Product[];
  /** Products of which more is there than can be sold here. */
  readonly plenty: readonly Product[];
  stop(): Promise<void>;
}

const upWithinMs = 240_000;
const plentyOf = 100;
const pieces = 1_000_000;

/** @throws Error with what it printed when it does not come up */
export async function startShopUnderTest(): Promise<ShopUnderTest> {
  const dataDir = await makeDataDir();
  const { owned, output } = await startProcess({
    command: 'services',
    dataDir,
    environment: { NODE_ENV: 'development', LOG_LEVEL: 'warn' },
  });
  const stop = async () => {
    await owned.stop(40_000);
    await removeDataDir(dataDir);
  };
  try {
    const origin = await addressIn(output, owned.ended);
    const products = await stockUp(origin, dataDir);
    return { origin, dataDir, pid: owned.child.pid!, products, plenty: products.slice(0, plentyOf), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function addressIn(output: () => string, ended: Promise<unknown>): Promise<string> {
  let over = false;
  void ended.then(() => (over = true));
  for (const until = Date.now() + upWithinMs; !over && Date.now() < until; await sleep(100)) {
    const origin = /Bulkhead is up at (\S+)/.exec(output())?.[1];
    if (origin) return origin;
  }
  throw new Error(`the shop did not come up:\n${output()}`);
}

async function stockUp(origin: string, dataDir: string): Promise<readonly Product[]> {
  const shop = createShop(origin, createMeasurements(1));
  try {
    const products = await findProducts(shop);
    const { adminPassword } = JSON.parse(await readFile(path.join(dataDir, 'secrets.json'), 'utf8')) as {
      adminPassword: string;
    };
    const { tokens } = await shop.ask<{ tokens: { accessToken: string } }>({
      path: '/api/v1/auth/login',
      method: 'POST',
      json: { email: adminEmail, password: adminPassword },
    });
    for (const { sku } of products.slice(0, plentyOf))
      await shop.ask({
        path: `/api/v1/stock/${sku}/adjustments`,
        method: 'POST',
        token: tokens.accessToken,
        json: { delta: pieces, reason: 'delivery' },
      });
    return products;
  } finally {
    await shop.close();
  }
}
