import type { PaymentState } from '@bulkhead/contracts/payment/api';
import { startTestService, type TestService } from '@bulkhead/service/testing/test-service';
import { paymentService } from '../app';
import { signWebhook } from '../providers/webhook-signature';
import { migrationsDir, newId, userId, webhookSecret } from '../testing/payment-world';
import { stripeKey, StripeServer } from '../testing/stripe-server';

describe('a payment through Stripe', () => {
  const stripe = new StripeServer();
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(paymentService, {
      migrationsDir,
      config: {
        PAYMENT_PROVIDER: 'stripe',
        PAYMENT_PROVIDER_URL: await stripe.start(),
        STRIPE_SECRET_KEY: stripeKey,
        PAYMENT_WEBHOOK_SECRET: webhookSecret,
      },
    });
  }, 60_000);
  afterAll(async () => {
    await service?.stop();
    await stripe.stop();
  });

  async function ask(method: string, path: string, body?: object) {
    const answer = await fetch(`${service.origin}/internal/payments/${path}`, {
      method,
      headers: {
        ...(await service.asService('order')),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: (await answer.json()) as PaymentState };
  }
  const authorise = (orderId: string, paymentMethod = 'pm_card_visa') =>
    ask('PUT', orderId, { userId, amount: { amount: 4_200, currency: 'EUR' }, paymentMethod });
  async function tell(type: string, object: object, header = 'stripe-signature') {
    const body = JSON.stringify({ id: `evt_${newId()}`, object: 'event', type, data: { object } });
    const answer = await fetch(`${service.origin}/api/v1/payments/webhooks/stripe`, {
      method: 'POST',
      headers: {
        ...(await service.anonymous()),
        'content-type': 'application/json',
        [header]: signWebhook(body, webhookSecret, Date.now()),
      },
      body,
    });
    return answer.status;
  }
  const intentOf = (orderId: string) =>
    [...stripe.intents.values()].find(({ metadata }) => metadata['order_id'] === orderId)!;

  test('is held, taken and given back with one PaymentIntent', async () => {
    const orderId = newId();
    expect((await authorise(orderId)).body.status).toBe('authorised');
    expect((await ask('POST', `${orderId}/capture`)).body).toMatchObject({
      status: 'captured',
      captured: { amount: 4_200 },
    });
    expect((await ask('POST', `${orderId}/refund`)).body).toMatchObject({
      status: 'refunded',
      refunded: { amount: 4_200 },
    });
    expect(intentOf(orderId).latest_charge).toMatchObject({ amount_captured: 4_200, amount_refunded: 4_200 });
    expect(
      stripe.requests.filter(({ path, method }) => method === 'POST' && path === '/v1/payment_intents'),
    ).toHaveLength(1);
  });

  test('is declined with the bank’s reason', async () => {
    expect((await authorise(newId(), 'pm_card_chargeDeclinedInsufficientFunds')).body).toMatchObject({
      status: 'declined',
      reason: 'insufficient_funds',
    });
  });

  test('goes on with a webhook after the buyer confirmed at their bank, and once it was refunded there', async () => {
    const orderId = newId();
    const { body } = await authorise(orderId, 'pm_card_authenticationRequired');
    expect(body).toMatchObject({ status: 'requires_action', nextAction: { type: 'redirect' } });
    const intent = intentOf(orderId);
    intent.status = 'requires_capture';
    intent.next_action = null;
    expect(await tell('payment_intent.amount_capturable_updated', intent, 'webhook-signature')).toBe(400);
    expect(await tell('payment_intent.amount_capturable_updated', intent)).toBe(200);
    expect((await ask('GET', orderId)).body.status).toBe('authorised');

    await ask('POST', `${orderId}/capture`);
    // A refund's webhook names the PaymentIntent alone.
    const refunds = {
      data: [{ object: 'refund', id: 're_1', amount: 200, status: 'succeeded', metadata: {} }],
    };
    const charge = { ...intent.latest_charge, amount_refunded: 200, refunds, metadata: {} };
    expect(await tell('charge.refunded', charge)).toBe(200);
    expect((await ask('GET', orderId)).body).toMatchObject({
      status: 'partially_refunded',
      refunded: { amount: 200 },
    });
  });
});
