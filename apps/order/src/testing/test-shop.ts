import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { TestDatabase } from '@bulkhead/database/testing/postgres';
import {
  createTestNetwork,
  startTestService,
  type TestService,
} from '@bulkhead/service/testing/test-service';
import type { Job } from '@bulkhead/service/runtime/jobs';
import { orderService } from '../app';
import { createFakePeers } from './fake-peers';
import { createFakeShop, type FakeShop } from './fake-shop';

const migrationsDir = path.join(__dirname, '../../prisma/migrations');

/** An order, a page of orders, or a problem. */
export interface AnswerBody {
  readonly id: string;
  readonly status: string | number;
  readonly state: string;
  readonly reason: string | null;
  readonly nextAction: unknown;
  readonly timeline: readonly { readonly state: string }[];
  readonly items: readonly { readonly id: string; readonly status: string }[];
  readonly next: string | null;
  readonly nextCursor: string | null;
  readonly type: string;
  readonly errors: readonly { readonly pointer: string; readonly detail: string }[];
  readonly orderId: string;
}

/** A response of the order service, with its bytes. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: AnswerBody;
}

export interface BuyOptions {
  readonly key?: string;
  readonly paymentMethod?: string;
  readonly quantity?: number;
  readonly prefer?: string;
  readonly body?: object;
}

/** Order on a real database with fake peers, all over HTTP on loopback. */
export interface TestShop {
  readonly shop: FakeShop;
  readonly order: TestService;
  /** Another replica on the same database; stopped with the shop. */
  startReplica(config?: Readonly<Record<string, string>>): Promise<TestService>;
  stopPeer(name: 'product' | 'inventory' | 'payment'): Promise<void>;
  startPeer(name: 'product' | 'inventory' | 'payment'): Promise<void>;
  request(
    userId: string,
    method: string,
    target: string,
    options?: { body?: unknown; headers?: Record<string, string>; at?: TestService; admin?: boolean },
  ): Promise<Answer>;
  /** Buys one unit of a product, or what `body` says. */
  buy(userId: string, productId: string, options?: BuyOptions, at?: TestService): Promise<Answer>;
  metrics(): Promise<string>;
  /** Runs a job once, whether or not it is due. */
  runJob(name: string): Promise<void>;
  stop(): Promise<void>;
}

const quick = {
  ORDER_RETRY_MIN_MS: '20',
  ORDER_RETRY_MAX_MS: '200',
  ORDER_RECOVERY_EVERY_MS: '25',
};

export async function startTestShop(
  config: Readonly<Record<string, string>> = {},
  database?: TestDatabase,
): Promise<TestShop> {
  const shop = createFakeShop();
  const network = await createTestNetwork();
  const definitions = createFakePeers(shop);
  const peers = new Map<string, TestService>();
  const startPeer = async (name: keyof typeof definitions) => {
    peers.set(name, await startTestService(definitions[name], { network }));
  };
  for (const name of ['product', 'inventory', 'payment', 'profile'] as const) await startPeer(name);
  let jobs: readonly Job[] = [];
  const watched: typeof orderService = {
    ...orderService,
    async create(dependencies) {
      const service = await orderService.create(dependencies);
      jobs = service.jobs ?? [];
      return service;
    },
  };
  const order = await startTestService(watched, {
    network,
    migrationsDir,
    config: { ...quick, ...config },
    ...(database ? { database } : {}),
  });
  const replicas: TestService[] = [];

  const request: TestShop['request'] = async (userId, method, target, options = {}) => {
    const at = options.at ?? order;
    const response = await fetch(`${at.origin}${target}`, {
      method,
      headers: {
        ...(await at.as(userId, options.admin ? ['customer', 'admin'] : undefined)),
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const body = JSON.parse(text) as AnswerBody;
    return { status: response.status, headers: response.headers, text, body };
  };

  return {
    shop,
    order,
    request,
    startPeer,
    metrics: () => order.metrics(),
    async runJob(name) {
      const job = jobs.find((each) => each.name === name)!;
      await (job.once ?? job.run)(new AbortController().signal);
    },
    async stopPeer(name) {
      await peers.get(name)?.stop();
      peers.delete(name);
    },
    async startReplica(own = {}) {
      const replica = await startTestService(orderService, {
        network,
        config: { ...quick, ...config, ...own },
        database: order.testDatabase as TestDatabase,
      });
      replicas.push(replica);
      return replica;
    },
    buy: (userId, productId, { key, paymentMethod, quantity, prefer, body } = {}, at) =>
      request(userId, 'POST', '/api/v1/orders', {
        ...(at ? { at } : {}),
        body: body ?? {
          items: [{ productId, quantity: quantity ?? 1 }],
          paymentMethod: paymentMethod ?? 'pm_ok',
        },
        headers: { 'idempotency-key': key ?? randomUUID(), ...(prefer ? { prefer } : {}) },
      }),
    async stop() {
      await Promise.all(replicas.map((replica) => replica.stop().catch(() => undefined)));
      await order.stop();
      await Promise.all([...peers.values()].map((peer) => peer.stop()));
    },
  };
}
