import { authorisedCharge } from '../testing/authorised-charge';
import { eventually } from '@bulkhead/testing/eventually';
import { events } from '@bulkhead/contracts/events';
import { createOutbox } from '@bulkhead/messaging/outbox-writer';
import { systemClock as clock } from '@bulkhead/resilience/clock';
import { randomIds as ids } from '@bulkhead/service/ids';
import { newId, type PaymentWorld, startPaymentWorld } from '../testing/payment-world';
import { type Batches, createBatches } from './batches';
import type { Intent } from './intent';
import type { ProviderCharge, ProviderEvent } from '../providers/provider';
import { hearIfOld } from './old-news';
import { findByOrder, type Payment } from './payment';

describe('what many payments do at the same moment', () => {
  let world: PaymentWorld;
  let batches: Batches;
  const counted: string[] = [];
  beforeAll(async () => {
    world = await startPaymentWorld();
    batches = createBatches({
      database: world.service.database,
      provider: 'simulated',
      outbox: createOutbox({ catalog: events, source: 'payment', clock, ids, wake: () => undefined }),
      ids,
      logger: { warn: () => undefined } as never,
      money: { moved: ({ to }: { to: string }) => counted.push(to) } as never,
    });
  }, 60_000);
  beforeEach(() => counted.splice(0));
  afterAll(() => world?.stop());

  const intent = (): Intent => ({
    lease: newId(),
    leaseMs: 60_000,
    provider: 'simulated',
    attempt: newId(),
    idempotencyKey: newId(),
  });
  const held = async (): Promise<Payment> => {
    const orderId = newId();
    await world.authorise(orderId);
    return (await findByOrder(world.service.database, orderId))!;
  };
  const capturing = async (): Promise<Payment> => {
    const { orderId } = await held();
    return (await batches.beginnings.submit({ orderId, operation: 'capture', intent: intent() }))!;
  };
  const attemptsOf = async ({ id }: Payment) =>
    (
      await world.service.database.query<{ operation: string }>({
        text: `select operation from provider_attempts where payment_id = $1 order by started_at, id`,
        values: [id],
      })
    ).rows.map(({ operation }) => operation);

  test('is written by one statement for all, and none fails for a neighbour that the books refuse', async () => {
    const good = await capturing();
    const bad = await capturing();
    const other = await capturing();
    const take = (payment: Payment, captured: number) =>
      batches.moves.submit({ payment, move: { to: 'captured', captured } });
    const [first, refused, last] = await Promise.allSettled([
      take(good, good.amount),
      take(bad, bad.amount + 1),
      take(other, other.amount),
    ]);
    expect(first).toMatchObject({ value: { status: 'captured', captured: good.amount } });
    expect(refused).toMatchObject({ reason: { constraint: 'payments_money' } });
    expect(last).toMatchObject({ value: { status: 'captured', captured: other.amount } });
    expect(await world.eventsOf(bad.orderId)).toEqual(['payment.authorised.v1']);
    expect(await world.ledger(bad.orderId)).toMatchObject({ transactions: 0 });
    for (const { orderId, amount } of [good, other]) {
      expect(await world.eventsOf(orderId)).toEqual(['payment.authorised.v1', 'payment.captured.v1']);
      expect(await world.ledger(orderId)).toEqual({ sum: 0, sales: -amount, transactions: 1 });
    }
  });

  test('of two transitions of one payment, one is made, published and counted', async () => {
    const payment = await capturing();
    counted.splice(0);
    const move = { to: 'captured', captured: payment.amount } as const;
    const made = await Promise.all([
      batches.moves.submit({ payment, move }),
      batches.moves.submit({ payment, move }),
    ]);
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(counted).toEqual(['captured']);
    expect(await world.eventsOf(payment.orderId)).toEqual(['payment.authorised.v1', 'payment.captured.v1']);
    expect(await world.ledger(payment.orderId)).toMatchObject({ transactions: 1 });
  });

  test('of a capture and a void of one payment one begins, with one attempt', async () => {
    const { orderId } = await held();
    const begun = await Promise.all([
      batches.beginnings.submit({ orderId, operation: 'capture', intent: intent() }),
      batches.beginnings.submit({ orderId, operation: 'void', intent: intent() }),
    ]);
    const [payment] = begun.filter((one) => one !== undefined);
    expect(begun.filter(Boolean)).toHaveLength(1);
    expect(await attemptsOf(payment!)).toEqual([
      'authorise',
      payment!.status === 'capturing' ? 'capture' : 'void',
    ]);
  });

  test('opens an order’s payment once, and writes its attempt before anybody asks the provider', async () => {
    const opening = (orderId: string) => ({
      id: newId(),
      orderId,
      userId: newId(),
      amount: 500,
      currency: 'EUR',
      paymentMethod: 'pm_ok',
      intent: intent(),
    });
    const orderId = newId();
    const opened = await Promise.all(
      [orderId, newId(), orderId].map((id) => batches.openings.submit(opening(id))),
    );
    expect(opened.map((payment) => payment?.status)).toEqual(['authorising', 'authorising', undefined]);
    expect(await attemptsOf(opened[0]!)).toEqual(['authorise']);
    expect(world.chargesOf(orderId)).toEqual([]);
    // Whoever wrote it has died: once their lease runs out, the provider is asked what it has before it is asked again.
    await world.service.database.query({
      text: 'update payments set leased_until = now() where order_id = $1',
      values: [orderId],
    });
    await world.hurry();
    await eventually(async () => (await world.order('GET', orderId)).body.status === 'authorised');
    expect(world.chargesOf(orderId)).toHaveLength(1);
  });

  describe('of webhooks', () => {
    const telling = (
      { orderId, providerReference }: Payment,
      charge: Partial<ProviderCharge> = {},
    ): ProviderEvent => ({
      id: `evt_${newId()}`,
      type: 'charge',
      orderId,
      reference: providerReference!,
      charge: authorisedCharge({ reference: providerReference!, ...charge }),
      isAboutDispute: false,
    });
    const heardOf = (events: readonly ProviderEvent[]) =>
      Promise.all(events.map((event) => batches.hearings.submit(event)));
    const remembered = async (events: readonly ProviderEvent[]) =>
      (
        await world.service.database.query<{ id: string }>({
          text: `select event_id as id from webhook_events where event_id = any ($1) order by array_position($1, event_id)`,
          values: [events.map(({ id }) => id)],
        })
      ).rows.map(({ id }) => id);

    test('those without news are recorded, and the others are not', async () => {
      const [one, other, third] = [await held(), await held(), await held()];
      const old = telling(one);
      const byReference = { ...telling(other), orderId: undefined };
      const news = telling(third, { status: 'captured', captured: third.amount });
      const stranger = { ...telling(one), orderId: newId() };
      const ofAnotherCharge = { ...telling(one), reference: 'ch_of_another' };
      const events = [news, old, stranger, byReference, ofAnotherCharge];
      const found = await heardOf(events);
      expect(found.map((heard) => heard?.payment.id)).toEqual([
        third.id,
        one.id,
        undefined,
        other.id,
        one.id,
      ]);
      expect(found.map((heard) => heard?.isOld)).toEqual([false, true, undefined, true, false]);
      expect(found.map((heard) => heard?.isKnown)).toEqual([false, false, undefined, false, false]);
      expect(await remembered(events)).toEqual([old.id, byReference.id]);
      expect((await heardOf([byReference, old])).map((heard) => heard?.isKnown)).toEqual([true, true]);
    });

    test('one that comes twice at the same moment is remembered once', async () => {
      const event = telling(await held());
      const found = await heardOf([event, event]);
      expect(found.map((heard) => heard?.isOld)).toEqual([true, true]);
      expect(await remembered([event])).toEqual([event.id]);
    });

    test('remembering them waits for no disk', async () => {
      const event = telling(await held());
      const commit = await world.service.database.transaction(async (tx) => {
        await tx.query({ text: 'set local synchronous_commit = on' });
        expect(await hearIfOld(tx, [event], 'simulated')).toMatchObject([{ isOld: true }]);
        return (await tx.query({ text: 'show synchronous_commit' })).rows;
      });
      expect(commit).toEqual([{ synchronous_commit: 'off' }]);
    });
  });
});
