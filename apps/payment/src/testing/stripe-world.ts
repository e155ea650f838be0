import type { PaymentState } from '@bulkhead/contracts/payment/api';
import { startTestService, type TestService } from '@bulkhead/service/testing/test-service';
import { paymentService } from '../app';
import { signWebhook } from '../providers/webhook-signature';
import { migrationsDir, userId, webhookSecret } from './payment-world';
import { type StripeEvent, type StripeIntent, StripeServer, stripeKey } from './stripe-server';

/** Payment and a Stripe-compatible server, connected to each other. */
export interface StripeWorld {
  readonly service: TestService;
  readonly stripe: StripeServer;
  /** Calls payment as order does. */
  ask(method: 'PUT' | 'POST' | 'GET', path: string, body?: object): Promise<StripeResponse>;
  authorise(orderId: string, paymentMethod?: string): Promise<StripeResponse>;
  /** Delivers a webhook. */
  deliver(event: StripeEvent, header?: string): Promise<Response>;
  /** Delivers a webhook; returns its status. */
  send(event: StripeEvent, header?: string): Promise<number>;
  statusOf(orderId: string): Promise<PaymentState['status']>;
  /** The PaymentIntent of an order that has one. */
  intentOf(orderId: string): StripeIntent;
  /** Ends the pauses of all payments, so that the reconciler claims them now. */
  hurry(): Promise<void>;
  stop(): Promise<void>;
}

export interface StripeResponse {
  readonly status: number;
  readonly body: PaymentState & Record<string, unknown>;
}

export async function startStripeWorld(config: Record<string, string> = {}): Promise<StripeWorld> {
  const stripe = new StripeServer();
  const service = await startTestService(paymentService, {
    migrationsDir,
    config: {
      PAYMENT_PROVIDER: 'stripe',
      PAYMENT_PROVIDER_URL: await stripe.start(),
      PAYMENT_RETURN_URL: 'https://shop.example/paid',
      PAYMENT_WEBHOOK_SECRET: webhookSecret,
      STRIPE_SECRET_KEY: stripeKey,
      ...config,
    },
  });
  const ask: StripeWorld['ask'] = async (method, path, body) => {
    const response = await fetch(`${service.origin}/internal/payments/${path}`, {
      method,
      headers: {
        ...(await service.asService('order')),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: (await response.json()) as StripeResponse['body'] };
  };
  const deliver: StripeWorld['deliver'] = async (event, header = 'stripe-signature') => {
    const body = JSON.stringify(event);
    const response = await fetch(`${service.origin}/api/v1/payments/webhooks/stripe`, {
      method: 'POST',
      headers: {
        ...(await service.anonymous()),
        'content-type': 'application/json',
        [header]: signWebhook(body, webhookSecret, Date.now()),
      },
      body,
    });
    await response.text();
    return response;
  };

  return {
    service,
    stripe,
    ask,
    authorise: (orderId, paymentMethod = 'pm_card_visa') =>
      ask('PUT', orderId, { userId, amount: { amount: 4_200, currency: 'EUR' }, paymentMethod }),
    deliver,
    send: async (event, header) => (await deliver(event, header)).status,
    statusOf: async (orderId) => (await ask('GET', orderId)).body.status,
    intentOf(orderId) {
      const [intent] = stripe.intentsOf(orderId);
      if (!intent) throw new Error(`there is no PaymentIntent of ${orderId}`);
      return intent;
    },
    async hurry() {
      await service.database.query({
        text: `update payments set due_at = now() where id in
          (select id from payments where due_at is not null for update skip locked)`,
      });
    },
    async stop() {
      await service.stop();
      await stripe.stop();
    },
  };
}
