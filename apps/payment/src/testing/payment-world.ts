import path from 'node:path';
import type { PaymentState } from '@bulkhead/contracts/payment/api';
import { freePort } from '@bulkhead/development/free-ports';
import { systemClock } from '@bulkhead/resilience/clock';
import { randomIds } from '@bulkhead/service/ids';
import { createKnownErasures } from '@bulkhead/service/testing/known-erasures';
import {
  createTestNetwork,
  startTestService,
  type TestService,
  type TestServiceOptions,
} from '@bulkhead/service/testing/test-service';
import { paymentService } from '../app';
import { type SimulatedProviderServer, startSimulatedProvider } from '../simulated-provider/server';

export const webhookSecret = 'a secret for webhooks in tests';
export const migrationsDir = path.join(__dirname, '../../prisma/migrations');

/** Payment and its simulated provider, as two HTTP servers connected to each other. */
export interface PaymentWorld {
  readonly service: TestService;
  readonly provider: SimulatedProviderServer;
  /** Calls payment as order does. */
  order(
    method: 'PUT' | 'POST' | 'GET',
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: PaymentState & Record<string, unknown> }>;
  authorise(orderId: string, paymentMethod?: string, amount?: number): ReturnType<PaymentWorld['order']>;
  /** Ends the pauses of all payments, so that the reconciler claims them now. */
  hurry(): Promise<void>;
  /** The types of an order's events, in the order of commit. */
  eventsOf(orderId: string): Promise<string[]>;
  /** Sum of all entries, and of the sales account alone. */
  ledger(orderId?: string): Promise<{ sum: number; sales: number; transactions: number }>;
  /** Delivers profile's event for an erasure request. */
  requestErasure(userId: string, erasureId: string): Promise<void>;
  /** Delivers the same event without profile knowing of the request, as an attacker might. */
  sendErasure(userId: string, erasureId: string): Promise<void>;
  /** Charges of an order in the provider's own book. */
  chargesOf(orderId: string): ReturnType<SimulatedProviderServer['charges']>;
  stop(): Promise<void>;
}

export const newId = (): string => randomIds.next();
export const userId = newId();

export async function startPaymentWorld(
  config: Record<string, string> = {},
  options: Partial<TestServiceOptions> = {},
): Promise<PaymentWorld> {
  const port = await freePort();
  const network = options.network ?? (await createTestNetwork(options.clock));
  const erasures = createKnownErasures();
  const profile = await startTestService(erasures.profile, { network });
  const service = await startTestService(paymentService, {
    migrationsDir,
    ...options,
    network,
    config: {
      PAYMENT_PROVIDER_URL: `http://127.0.0.1:${port}`,
      PAYMENT_WEBHOOK_SECRET: webhookSecret,
      PAYMENT_PROVIDER_TIMEOUT_MS: '1000',
      ...config,
    },
  });
  const provider = await startSimulatedProvider({
    port,
    clock: systemClock,
    webhookUrl: `${service.origin}/api/v1/payment-webhooks/simulated`,
    webhookSecret,
    webhookHeaders: () => service.anonymous(),
  });
  // The provider's webhooks are left to the tests about them.
  provider.control({ webhooks: { enabled: false } });

  const order: PaymentWorld['order'] = async (method, target, body, headers = {}) => {
    const response = await fetch(`${service.origin}/internal/payments/${target}`, {
      method,
      headers: {
        ...(await service.asService('order')),
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return {
      status: response.status,
      body: (await response.json()) as PaymentState & Record<string, unknown>,
    };
  };
  const { database } = service;
  const sendErasure = async (userId: string, erasureId: string) => {
    const event = {
      specversion: '1.0',
      id: newId(),
      source: '/bulkhead/profile',
      type: 'user.erasure-requested.v1',
      subject: userId,
      time: new Date().toISOString(),
      datacontenttype: 'application/json',
      aggregateversion: 1,
      data: { userId, erasureId },
    };
    await database.query({
      text: `insert into delivery (consumer_group, message_id, event_type, body) values ('payment.erasure', $1, $2, $3)`,
      values: [event.id, event.type, JSON.stringify(event)],
    });
  };
  return {
    service,
    provider,
    order,
    authorise: (orderId, paymentMethod = 'pm_ok', amount = 4_200) =>
      order('PUT', orderId, { userId, amount: { amount, currency: 'EUR' }, paymentMethod }),
    async hurry() {
      await database.query({ text: 'update payments set due_at = now() where due_at is not null' });
    },
    async eventsOf(orderId) {
      const { rows } = await database.query<{ type: string }>({
        text: `select type from outbox where payload -> 'data' ->> 'orderId' = $1 order by position`,
        values: [orderId],
      });
      return rows.map(({ type }) => type);
    },
    async ledger(orderId) {
      const { rows } = await database.query<{ sum: number; sales: number; transactions: number }>({
        text: `select coalesce(sum(e.amount), 0)::int as sum, count(distinct t.id)::int as transactions,
            coalesce(sum(e.amount) filter (where e.account = 'sales'), 0)::int as sales
          from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
          join payments p on p.id = t.payment_id where $1::uuid is null or p.order_id = $1`,
        values: [orderId ?? null],
      });
      return rows[0]!;
    },
    requestErasure(userId, erasureId) {
      erasures.requested.set(userId, erasureId);
      return sendErasure(userId, erasureId);
    },
    sendErasure,
    chargesOf: (orderId) => provider.charges().filter((charge) => charge.orderId === orderId),
    async stop() {
      await provider.stop();
      await service.stop();
      await profile.stop();
    },
  };
}
