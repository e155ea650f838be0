import path from 'node:path';
import type { NewEvent } from '@bulkhead/contracts/event';
import { events } from '@bulkhead/contracts/events';
import { inventoryInternal } from '@bulkhead/contracts/inventory/api';
import { stockDepleted, stockReplenished } from '@bulkhead/contracts/inventory/events';
import { productApi, productInternal } from '@bulkhead/contracts/product/api';
import { productDeleted, productUpdated } from '@bulkhead/contracts/product/events';
import type { SearchResult } from '@bulkhead/contracts/search/api';
import { subscriptions } from '@bulkhead/contracts/subscriptions';
import { createInProcessTransport } from '@bulkhead/messaging/inprocess/inprocess-transport';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock } from '@bulkhead/resilience/clock';
import { problem } from '@bulkhead/service/errors';
import { decodeCursor, nextPage } from '@bulkhead/service/http/cursor';
import { implement } from '@bulkhead/service/http/operation';
import { randomIds } from '@bulkhead/service/ids';
import type { ServiceDefinition } from '@bulkhead/service/service';
import {
  createTestNetwork,
  startTestService,
  type TestNetwork,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import { eventually } from '@bulkhead/testing/eventually';
import { z } from 'zod';
import { searchService } from '../app';
import type { CatalogProduct } from './catalog';

interface Versioned {
  readonly product: CatalogProduct;
  readonly version: number;
  readonly deleted: boolean;
}

/** The catalog and the stock of the fake product and inventory, and their behaviour. */
export interface Catalog {
  readonly products: Map<string, Versioned>;
  readonly stock: Map<string, { available: number; version: number }>;
  /** Awaited before a page of the listing is read; throwing makes product fail. */
  beforePage: (after: string | undefined) => Promise<void>;
  /** The start positions of the pages requested. */
  readonly pagesAsked: (string | undefined)[];
}

export const createCatalog = (products: readonly CatalogProduct[] = []): Catalog => ({
  products: new Map(products.map((product) => [product.productId, { product, version: 1, deleted: false }])),
  stock: new Map(),
  beforePage: async () => undefined,
  pagesAsked: [],
});

/** A server that implements product's contract for search from `catalog`. */
const productServer = (catalog: Catalog): ServiceDefinition => ({
  name: 'product',
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({
    operations: [
      implement(productInternal.replay, async ({ query: { after, limit } }) => {
        catalog.pagesAsked.push(after);
        await catalog.beforePage(after);
        const following = [...catalog.products.values()]
          .filter(({ product }) => after === undefined || product.productId > after)
          .sort((a, b) => (a.product.productId < b.product.productId ? -1 : 1));
        const items = following
          .slice(0, limit)
          .map(({ product, version, deleted }) => ({ ...product, version, deleted }));
        return {
          status: 200,
          body: { items, nextAfter: following.length > limit ? items.at(-1)!.productId : null },
        };
      }),
      implement(productApi.listProducts, async ({ query }) => {
        const before = decodeCursor(query.cursor, z.uuid());
        const listed = [...catalog.products.values()]
          .filter(
            ({ product, deleted }) => !deleted && (query.category ?? product.category) === product.category,
          )
          .filter(({ product }) => before === undefined || product.productId < before)
          .sort((a, b) => (a.product.productId < b.product.productId ? 1 : -1));
        const items = listed
          .slice(0, query.limit)
          .map(({ product, version }) => ({ ...product, version, createdAt: product.updatedAt }));
        const last = listed.length > query.limit ? items.at(-1)?.productId : undefined;
        return { status: 200, body: { items, ...nextPage(productApi.listProducts.path, query, last) } };
      }),
    ],
  }),
});

/** A server that implements inventory's contract for search from `catalog`. */
const inventoryServer = (catalog: Catalog): ServiceDefinition => ({
  name: 'inventory',
  config: z.object({}),
  peers: [],
  database: false,
  create: () => ({
    operations: [
      implement(inventoryInternal.availability, async ({ body: { skus } }) => ({
        status: 200,
        body: {
          items: skus.flatMap((sku) => {
            const level = catalog.stock.get(sku);
            return level ? [{ sku, ...level }] : [];
          }),
        },
      })),
    ],
  }),
});

/** A failing product service. */
export const productFails = async (): Promise<never> => {
  throw problem('unavailable');
};

export interface Shop {
  readonly catalog: Catalog;
  readonly search: TestService;
  readonly product: TestService;
  /** Another replica of search, on the same database. */
  replica(config?: Record<string, string>): Promise<TestService>;
  /** GET on search, as forwarded by the gateway. */
  get<T = SearchResult>(target: string): Promise<{ status: number; body: T }>;
  /** Names of the hits of a query string. */
  names(query: string): Promise<string[]>;
  /** Changes the catalog and publishes the event, like product. */
  change(product: CatalogProduct): Promise<void>;
  remove(product: CatalogProduct): Promise<void>;
  restock(sku: string, available: number): Promise<void>;
  /** Publishes events unchanged to search's queues. */
  publish(events: readonly NewEvent[]): Promise<void>;
  /** Resolves when the queues are empty, so all events have been handled. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

export interface ShopOptions {
  readonly catalog?: Catalog;
  readonly config?: Record<string, string>;
  /** Wait for the first index. Default true. */
  readonly built?: boolean;
}

const migrationsDir = path.join(__dirname, '../../prisma/migrations');
const quick = { SEARCH_REBUILD_EVERY_MS: '20', SEARCH_REBUILD_RETRY_MS: '20' };

/** Search on a real database, with servers that implement product and inventory. */
export async function startShop({
  catalog = createCatalog(),
  config = {},
  built = true,
}: ShopOptions = {}): Promise<Shop> {
  const network: TestNetwork = await createTestNetwork();
  const product = await startTestService(productServer(catalog), { network });
  const inventory = await startTestService(inventoryServer(catalog), { network });
  const search = await startTestService(searchService, {
    network,
    migrationsDir,
    config: { ...quick, ...config },
  });
  const replicas: TestService[] = [];
  const transport = createInProcessTransport({
    databases: { search: search.database },
    subscriptions: [subscriptions.searchCatalog, subscriptions.searchStock],
    clock: systemClock,
  });

  async function publish(toSend: readonly NewEvent[]): Promise<void> {
    for (const event of toSend) {
      const { source } = event.definition;
      const outbox = createOutbox({
        catalog: events,
        source,
        clock: systemClock,
        ids: randomIds,
        wake: () => undefined,
      });
      const rows = JSON.parse(outbox.rows([event])) as {
        id: string;
        type: string;
        subject: string;
        payload: object;
      }[];
      await transport.publish(
        rows.map((row) => ({ ...row, position: '1', payload: JSON.stringify(row.payload) })),
      );
    }
  }

  async function get<T = SearchResult>(target: string) {
    const response = await fetch(`${search.origin}${target}`, { headers: await search.anonymous() });
    return { status: response.status, body: (await response.json()) as T };
  }

  const shop: Shop = {
    catalog,
    search,
    product,
    async replica(more = {}) {
      const replica = await startTestService(searchService, {
        network,
        database: search.testDatabase!,
        config: { ...quick, ...config, ...more },
      });
      replicas.push(replica);
      return replica;
    },
    get,
    async names(query) {
      const { status, body } = await get(`/api/v1/search?${query}`);
      if (status !== 200) throw new Error(`search answered ${status}: ${JSON.stringify(body)}`);
      return body.items.map(({ name }) => name);
    },
    async change(changed) {
      const version = (catalog.products.get(changed.productId)?.version ?? 0) + 1;
      catalog.products.set(changed.productId, { product: changed, version, deleted: false });
      await publish([
        {
          definition: productUpdated,
          subject: changed.productId,
          aggregateVersion: version,
          data: { ...changed },
        },
      ]);
    },
    async remove(removed) {
      const { productId, sku } = removed;
      const version = (catalog.products.get(productId)?.version ?? 0) + 1;
      catalog.products.set(productId, { product: removed, version, deleted: true });
      await publish([
        {
          definition: productDeleted,
          subject: productId,
          aggregateVersion: version,
          data: { productId, sku },
        },
      ]);
    },
    async restock(sku, available) {
      const version = (catalog.stock.get(sku)?.version ?? 0) + 1;
      catalog.stock.set(sku, { available, version });
      const definition = available > 0 ? stockReplenished : stockDepleted;
      await publish([{ definition, subject: sku, aggregateVersion: version, data: { sku } }]);
    },
    publish,
    async settled() {
      await eventually(
        async () => (await search.database.query({ text: 'select from delivery' })).rowCount === 0,
        { what: 'an empty queue' },
      );
    },
    async stop() {
      await Promise.all([...replicas, product, inventory].map((service) => service.stop()));
      await transport.close();
      await search.stop();
    },
  };
  if (built)
    await eventually(async () => (await get('/api/v1/search')).body.degraded === false, { what: 'an index' });
  return shop;
}
