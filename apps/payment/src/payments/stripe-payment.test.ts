import { eventually } from '@bulkhead/testing/eventually';
import { newId, userId } from '../testing/payment-world';
import type { StripeFault, StripeRequest } from '../testing/stripe-server';
import { startStripeWorld, type StripeWorld } from '../testing/stripe-world';

describe('a payment through Stripe', () => {
  let world: StripeWorld;
  beforeAll(async () => {
    world = await startStripeWorld();
  }, 60_000);
  afterAll(() => world?.stop());
  afterEach(() => {
    world.stripe.fault = () => undefined;
    world.stripe.newRefundStatus = 'succeeded';
  });

  /** The first request that matches goes wrong. */
  const breakOnce = (fault: StripeFault, isMeant: (request: StripeRequest) => boolean) => {
    const others = world.stripe.fault;
    let isDone = false;
    world.stripe.fault = (request) => {
      if (isDone || request.method !== 'POST' || !isMeant(request)) return others(request);
      isDone = true;
      return fault;
    };
  };
  const reaches = (orderId: string, status: string) =>
    eventually(async () => {
      await world.hurry();
      return (await world.statusOf(orderId)) === status;
    });

  test('is held, taken and given back with one PaymentIntent', async () => {
    const orderId = newId();
    expect((await world.authorise(orderId)).body.status).toBe('authorised');
    expect((await world.ask('POST', `${orderId}/capture`)).body).toMatchObject({
      status: 'captured',
      captured: { amount: 4_200 },
    });
    expect((await world.ask('POST', `${orderId}/refund`)).body).toMatchObject({
      status: 'refunded',
      refunded: { amount: 4_200 },
    });
    expect(world.stripe.intentsOf(orderId)).toHaveLength(1);
    expect(world.stripe.charges.get(world.intentOf(orderId).latest_charge!)).toMatchObject({
      amount_captured: 4_200,
      amount_refunded: 4_200,
    });
  });

  test('is declined with the bank’s reason', async () => {
    expect((await world.authorise(newId(), 'pm_card_chargeDeclinedInsufficientFunds')).body).toMatchObject({
      status: 'declined',
      reason: 'insufficient_funds',
    });
  });

  test('goes on with a webhook after the buyer confirmed at their bank, and once it was refunded there', async () => {
    const orderId = newId();
    const { body } = await world.authorise(orderId, 'pm_card_authenticationRequired');
    const intent = world.intentOf(orderId);
    expect(body).toMatchObject({
      status: 'requires_action',
      nextAction: { type: 'redirect', url: `https://hooks.stripe.com/3d_secure/${intent.id}` },
    });
    world.stripe.authenticate(intent.id, 'confirmed');
    const held = world.stripe.eventOf('payment_intent.amount_capturable_updated', intent.id);
    expect(await world.send(held, 'webhook-signature')).toBe(400);
    expect(await world.send(held)).toBe(200);
    expect(await world.statusOf(orderId)).toBe('authorised');

    await world.ask('POST', `${orderId}/capture`);
    // A refund's webhook names the PaymentIntent alone.
    world.stripe.refundAtDashboard(intent.id, 200);
    expect(await world.send(world.stripe.eventOf('charge.refunded', intent.latest_charge!))).toBe(200);
    expect((await world.ask('GET', orderId)).body).toMatchObject({
      status: 'partially_refunded',
      refunded: { amount: 200 },
    });
  });

  test('is declined once the buyer did not confirm', async () => {
    const orderId = newId();
    await world.authorise(orderId, 'pm_card_authenticationRequired');
    const { id } = world.intentOf(orderId);
    world.stripe.authenticate(id, 'refused');
    expect(await world.send(world.stripe.eventOf('payment_intent.payment_failed', id))).toBe(200);
    expect((await world.ask('GET', orderId)).body).toMatchObject({
      status: 'declined',
      reason: 'payment_intent_authentication_failure',
    });
  });

  test('is not declined by the late news that its intent was created', async () => {
    const waiting = newId();
    await world.authorise(waiting, 'pm_card_authenticationRequired');
    const created = world.stripe.eventOf('payment_intent.created', world.intentOf(waiting).id);
    expect(await world.send(created)).toBe(200);
    expect(await world.statusOf(waiting)).toBe('requires_action');

    // Nor by what was true before the buyer tried again at their bank.
    const asked = world.stripe.eventOf('payment_intent.requires_action', world.intentOf(waiting).id);
    world.stripe.authenticate(world.intentOf(waiting).id, 'confirmed');
    expect(await world.send(asked)).toBe(200);
    expect(await world.statusOf(waiting)).toBe('authorised');
  });

  test('a webhook whose charge cannot be looked up is asked for again, and counts when it comes again', async () => {
    const orderId = newId();
    await world.authorise(orderId, 'pm_card_authenticationRequired');
    const { id } = world.intentOf(orderId);
    world.stripe.authenticate(id, 'refused');
    const failed = world.stripe.eventOf('payment_intent.payment_failed', id);
    world.stripe.fault = ({ method }) => (method === 'GET' ? 500 : undefined);
    const { status, headers } = await world.deliver(failed);
    expect([status, headers.get('retry-after')]).toEqual([503, '30']);
    world.stripe.fault = () => undefined;
    expect(await world.send(failed)).toBe(200);
    expect(await world.statusOf(orderId)).toBe('declined');
    const looked = world.stripe.requests.length;
    expect(await world.send(failed)).toBe(200);
    expect(world.stripe.requests).toHaveLength(looked);
  });

  const faults = ['error', 'error-after', 'cut', 'cut-after', 'proxy'] as const;
  /** All at once, for most of the time is pauses. */
  const forEachFault = (check: (fault: StripeFault, orderId: string) => Promise<void>) =>
    Promise.all(faults.map((fault) => check(fault, newId())));

  test('holds the money once, whatever became of the response to the creation', () =>
    forEachFault(async (fault, orderId) => {
      breakOnce(
        fault,
        ({ path, form }) => path === '/v1/payment_intents' && form.get('metadata[order_id]') === orderId,
      );
      expect((await world.authorise(orderId)).body.status).toBe('unknown');
      await reaches(orderId, 'authorised');
      const statuses = world.stripe.intentsOf(orderId).map(({ status }) => status);
      expect(statuses.filter((status) => status === 'requires_capture')).toHaveLength(1);
    }));

  test('is held, taken and given back once, whatever became of the responses', () =>
    forEachFault(async (fault, orderId) => {
      const isAbout = (end: string) => (request: StripeRequest) =>
        request.path.endsWith(end) && request.key?.startsWith(orderId) === true;
      breakOnce(fault, isAbout('/confirm'));
      await world.authorise(orderId);
      await reaches(orderId, 'authorised');
      breakOnce(fault, isAbout('/capture'));
      await world.ask('POST', `${orderId}/capture`);
      await reaches(orderId, 'captured');
      breakOnce(fault, isAbout('/refunds'));
      await world.ask('POST', `${orderId}/refund`);
      await reaches(orderId, 'refunded');
      const intent = world.intentOf(orderId);
      expect(world.stripe.charges.get(intent.latest_charge!)).toMatchObject({
        amount_captured: 4_200,
        amount_refunded: 4_200,
      });
      expect(world.stripe.refundsOf(intent.id)).toHaveLength(1);
    }));

  test('is voided, even if the response to the cancellation is lost', () =>
    forEachFault(async (fault, orderId) => {
      await world.authorise(orderId);
      breakOnce(fault, ({ path, key }) => path.endsWith('/cancel') && key?.startsWith(orderId) === true);
      await world.ask('POST', `${orderId}/void`);
      await reaches(orderId, 'voided');
      expect(world.intentOf(orderId).status).toBe('canceled');
    }));

  test('a key under which Stripe stored an error is not used again once it is known that nothing happened', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    breakOnce('error', ({ path, key }) => path.endsWith('/capture') && key?.startsWith(orderId) === true);
    await world.ask('POST', `${orderId}/capture`);
    await reaches(orderId, 'captured');
    const captures = world.stripe.requestsTo(`/v1/payment_intents/${world.intentOf(orderId).id}/capture`);
    expect(captures.map(({ key }) => key)).toEqual([`${orderId}:capture`, `${orderId}:capture:2`]);
  });

  test('that is being processed is read until it is decided, and not sent again', async () => {
    const orderId = newId();
    await world.authorise(orderId, 'pm_processing');
    const { id } = world.intentOf(orderId);
    await eventually(async () => {
      await world.hurry();
      return world.stripe.requestsTo(`/v1/payment_intents/${id}`, 'GET').length >= 2;
    });
    world.stripe.settle(id);
    await reaches(orderId, 'authorised');
    expect(world.stripe.requestsTo(`/v1/payment_intents/${id}/confirm`)).toHaveLength(1);
  });

  test('a refund that is pending at Stripe is not asked for again', async () => {
    const orderId = newId();
    await world.authorise(orderId);
    await world.ask('POST', `${orderId}/capture`);
    world.stripe.newRefundStatus = 'pending';
    expect((await world.ask('POST', `${orderId}/refund`)).body).toMatchObject({
      status: 'refunding',
      refunded: { amount: 0 },
    });
    const ours = () => world.stripe.refundsOf(world.intentOf(orderId).id);
    const [refund] = ours();
    world.stripe.changeRefund(refund!.id, 'succeeded');
    expect(await world.send(world.stripe.eventOf('refund.updated', refund!.id))).toBe(200);
    expect(await world.statusOf(orderId)).toBe('refunded');
    expect(ours()).toHaveLength(1);
  });

  describe('that is disputed', () => {
    const disputed = async (status = 'needs_response', isRefundable = false) => {
      const orderId = newId();
      await world.authorise(orderId);
      const { body } = await world.ask('POST', `${orderId}/capture`);
      const dispute = world.stripe.dispute(world.intentOf(orderId).id, status, isRefundable);
      expect(await world.send(world.stripe.eventOf('charge.dispute.created', dispute.id))).toBe(200);
      return { orderId, dispute, paymentId: body.paymentId };
    };
    const detailsOf = async (paymentId: string) => {
      const headers = await world.service.as(userId, ['customer', 'admin']);
      const response = await fetch(`${world.service.origin}/api/v1/payments/${paymentId}`, { headers });
      return (await response.json()) as Record<string, unknown>;
    };

    test('needs attention, is counted, and is not refunded until the dispute was won', async () => {
      const { orderId, dispute, paymentId } = await disputed();
      const open = { reference: dispute.id, amount: 4_200, reason: 'fraudulent', status: 'open' };
      expect(await detailsOf(paymentId)).toMatchObject({
        status: 'captured',
        needsAttention: true,
        attention: 'disputed',
        disputes: [open],
      });
      expect(await world.service.metrics()).toMatch(/^payment_disputes_total\{.*status="open".*\} 1$/m);
      const refused = await world.ask('POST', `${orderId}/refund`);
      expect(refused).toMatchObject({
        status: 409,
        body: { reason: 'disputed', paymentStatus: 'captured', dispute: open },
      });
      expect(world.stripe.refundsOf(dispute.payment_intent)).toEqual([]);

      const created = world.stripe.eventOf('charge.dispute.created', dispute.id);
      world.stripe.closeDispute(dispute.id, 'won');
      expect(await world.send(world.stripe.eventOf('charge.dispute.closed', dispute.id))).toBe(200);
      // What was true before comes late, and is not believed.
      expect(await world.send({ ...created, id: 'evt_late' })).toBe(200);
      expect(await detailsOf(paymentId)).toMatchObject({ disputes: [{ status: 'won' }] });
      expect((await world.ask('POST', `${orderId}/refund`)).body.status).toBe('refunded');
    });

    test('is never refunded once the dispute was lost', async () => {
      const { orderId, dispute } = await disputed();
      world.stripe.closeDispute(dispute.id, 'lost');
      expect(await world.send(world.stripe.eventOf('charge.dispute.closed', dispute.id))).toBe(200);
      expect(await world.ask('POST', `${orderId}/refund`)).toMatchObject({
        status: 409,
        body: { dispute: { status: 'lost' } },
      });
    });

    test('can be refunded while the bank only asks and Stripe takes a refund', async () => {
      const { orderId, paymentId } = await disputed('warning_needs_response', true);
      expect(await detailsOf(paymentId)).toMatchObject({
        attention: 'disputed',
        disputes: [{ status: 'inquiry' }],
      });
      expect((await world.ask('POST', `${orderId}/refund`)).body.status).toBe('refunded');
    });

    test('is found out about by any other look at the charge, where its own webhooks were lost', async () => {
      const orderId = newId();
      await world.authorise(orderId);
      const { body } = await world.ask('POST', `${orderId}/capture`);
      const intent = world.intentOf(orderId);
      world.stripe.dispute(intent.id);
      expect(await world.send(world.stripe.eventOf('charge.updated', intent.latest_charge!))).toBe(200);
      expect(await detailsOf(body.paymentId)).toMatchObject({ disputes: [{ status: 'open' }] });
    });
  });
});
