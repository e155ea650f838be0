import { join } from 'node:path';
import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import type { ProductDraft } from '@bulkhead/contracts/product/api';
import { implement } from '@bulkhead/service/http/operation';
import type { ServiceDefinition } from '@bulkhead/service/service';
import {
  createTestNetwork,
  startTestService,
  type TestService,
  type TestServiceOptions,
} from '@bulkhead/service/testing/test-service';
import { z } from 'zod';
import { productService } from '../app';

export const migrationsDir = join(__dirname, '../../prisma/migrations');

/** A JSON value as a test looks into it; what it is, the expectation says. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

/** The state of the fake inventory: its stock and its faults. */
export interface InventoryState {
  readonly available: Map<string, number>;
  ailment: 'none' | 'failing' | 'silent';
}

const inventoryWith = (state: InventoryState): ServiceDefinition<z.ZodObject> => ({
  name: 'inventory',
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({
    operations: [
      implement(inventoryInternal.availability, async ({ body }, { signal }) => {
        if (state.ailment === 'failing') throw new Error('broken on purpose');
        if (state.ailment === 'silent')
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        const items = body.skus.flatMap((sku) => {
          const available = state.available.get(sku);
          return available === undefined ? [] : [{ sku, available, version: 1 }];
        });
        return { status: 200, body: { items } };
      }),
    ],
  }),
});

export interface ProductUnderTest {
  readonly product: TestService;
  readonly inventory: InventoryState;
  /** Sends a request as an admin, or anonymously. */
  request(
    method: string,
    path: string,
    options?: {
      body?: unknown;
      headers?: Record<string, string>;
      as?: 'admin' | 'customer' | 'nobody' | 'order' | 'search';
    },
  ): Promise<{ status: number; headers: Headers; body: Json }>;
  stop(): Promise<void>;
}

const adminId = '01900000-0000-7000-8000-00000000000a';

export async function startProduct(options: TestServiceOptions = {}): Promise<ProductUnderTest> {
  const network = await createTestNetwork();
  const inventory: InventoryState = { available: new Map(), ailment: 'none' };
  const peer = await startTestService(inventoryWith(inventory), { network });
  const product = await startTestService(productService, {
    network,
    migrationsDir,
    ...options,
  });
  const headersOf = {
    admin: () => product.as(adminId, ['admin']),
    customer: () => product.as(adminId, ['customer']),
    nobody: () => product.anonymous(),
    order: () => product.asService('order'),
    search: () => product.asService('search'),
  };
  return {
    product,
    inventory,
    async request(method, path, { body, headers = {}, as = 'nobody' } = {}) {
      const response = await fetch(product.origin + path, {
        method,
        headers: {
          ...(await headersOf[as]()),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text === '' ? undefined : JSON.parse(text)) as unknown,
      };
    },
    async stop() {
      await product.stop();
      await peer.stop();
    },
  };
}

export const draft = (name: string, changes: Partial<ProductDraft> = {}): ProductDraft => ({
  sku: name.toUpperCase(),
  slug: name.toLowerCase(),
  name,
  description: `A fine ${name}.`,
  category: 'kitchen',
  price: { amount: 1990, currency: 'EUR' },
  ...changes,
});
